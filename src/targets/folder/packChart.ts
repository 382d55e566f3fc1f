import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../../oci/errors';
import type { TransferOptions } from '../../oci/target';
import { BlockWriter } from './blockWriter';
import { ifExists, onDisk } from './fileError';
import { fileStateOf } from './fileState';
import { gzipBlocks } from './gzipBlocks';
import { parseHelmIgnore } from './helmIgnore';
import { chunksOf, stateOf, type KnownFile } from './readFile';
import { encodeTarHeader, TAR_END, tarPadding } from './tarHeader';
import { walkFolder } from './walkFolder';

const FILE_MODE = 0o644;
/** The largest file that a chart may hold, in bytes. Source: Helm refuses larger ones. */
const MAX_FILE_BYTES = 5 * 1024 * 1024;
const MAX_CHART_BYTES = 100 * 1024 * 1024;

/** A chart folder to pack: its entries are named `name/...`. */
export interface PackChartRequest {
  readonly folder: string;
  readonly name: string;
  readonly archivePath: string;
}

/**
 * Packs a chart folder as Helm reads it: files alone below the chart's name, Chart.yaml first, without what .helmignore
 * leaves out; the same bytes for the same content, so without times. Errors: FileError, InvalidContentError.
 * Source: `helm package`.
 */
export async function packChart(
  request: PackChartRequest,
  options: TransferOptions = {},
): Promise<KnownFile> {
  const { archivePath } = request;
  const hash = createHash('sha256');
  const file = await onDisk(archivePath, () => open(archivePath, 'wx', 0o600));
  try {
    const writer = new BlockWriter(file, archivePath);
    for await (const chunk of gzipBlocks(tarOf(request, options))) {
      hash.update(chunk);
      await writer.add(chunk);
    }
    await writer.end();
  } finally {
    await file.close();
  }
  const state = fileStateOf(await onDisk(archivePath, () => stat(archivePath, { bigint: true })));
  return { path: archivePath, digest: `sha256:${hash.digest('hex')}`, state };
}

async function* tarOf({ folder, name }: PackChartRequest, options: TransferOptions): AsyncGenerator<Buffer> {
  const files = await filesOf(folder, options);
  let chartBytes = 0;
  for (const relativePath of files) {
    const full = path.join(folder, relativePath);
    const file = await onDisk(full, () => open(full));
    try {
      const state = await stateOf(file, full);
      chartBytes += state.sizeBytes;
      if (state.sizeBytes > MAX_FILE_BYTES || chartBytes > MAX_CHART_BYTES)
        throw new FileError(
          full,
          'TOO_LARGE',
          'Helm takes no chart of this size; leave it out by .helmignore',
        );
      yield headerOf(`${name}/${relativePath}`, state.sizeBytes);
      for await (const chunk of chunksOf(file, full, state)) {
        options.onBytes?.(chunk.length);
        yield chunk;
      }
      yield tarPadding(state.sizeBytes);
    } finally {
      await file.close();
    }
  }
  yield TAR_END;
}

/** Relative paths, Chart.yaml first: what lies in an ignored folder is ignored with it. */
async function filesOf(folder: string, options: TransferOptions): Promise<readonly string[]> {
  const ignoreFile = path.join(folder, '.helmignore');
  const ignores = parseHelmIgnore((await ifExists(ignoreFile, () => readFile(ignoreFile, 'utf8'))) ?? '');
  const ignored = new Set<string>();
  const files: string[] = [];
  for await (const { relativePath, kind } of walkFolder(folder, {
    ...(options.signal && { signal: options.signal }),
  })) {
    if (relativePath === '') continue;
    const isIgnored =
      ignored.has(path.posix.dirname(relativePath)) || ignores(relativePath, kind === 'folder');
    if (isIgnored) ignored.add(relativePath);
    else if (kind === 'file') files.push(relativePath);
    else if (kind === 'symlink') files.push(await linkedFile(folder, relativePath));
  }
  return ['Chart.yaml', ...files.filter((name) => name !== 'Chart.yaml')];
}

/** A link counts as the file it leads to, which lies in the chart. */
async function linkedFile(folder: string, relativePath: string): Promise<string> {
  const full = path.join(folder, relativePath);
  if ((await onDisk(full, () => stat(full))).isFile()) return relativePath;
  throw new FileError(full, 'LINK', 'it is a link to a folder, which a chart cannot hold');
}

function headerOf(name: string, sizeBytes: number): Buffer {
  return encodeTarHeader({ kind: 'file', path: name, mode: FILE_MODE, mtimeSeconds: 0, sizeBytes });
}
