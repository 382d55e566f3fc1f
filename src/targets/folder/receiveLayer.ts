import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { PullFile, TransferOptions } from '../../oci/target';
import { onDisk } from './fileError';
import type { UnpackedFolder } from './folderExtractor';
import { bytesOf, receiveWhole, type BlobContent, type PartialBlob } from './partialBlob';
import { unpackFolder, type UnpackRequest } from './unpackFolder';

/** A downloaded layer in the staging folder, whole and verified. `unpacked` is there for folders. */
export interface StagedFile {
  readonly file: PullFile;
  readonly path: string;
  readonly unpacked?: UnpackedFolder;
}

/**
 * Where a layer comes from and goes. `isContinuable` keeps the archive of a folder until all is there; `isNew` says that
 * nothing was received of the layer before.
 */
export interface Receipt extends Omit<UnpackRequest, 'file' | 'folder'> {
  readonly target: string;
  readonly content: BlobContent;
  readonly isContinuable: boolean;
  readonly isNew: boolean;
}

/** Where the archive is kept that is unpacked to `target`. */
export function archivePath(target: string): string {
  return `${target}.blob`;
}

const STREAM_BYTES = 1024 * 1024;

/** Receives a layer at `target`: a file as it comes, a folder unpacked. Errors: those of file, archive and source. */
export async function receiveLayer(
  file: PullFile,
  receipt: Receipt,
  options: TransferOptions,
): Promise<StagedFile> {
  const { target: path, content, isNew } = receipt;
  if (file.unpack) return { file, path, unpacked: await receiveFolder(file, receipt, options) };
  const { descriptor, mode } = file;
  await receiveFile({ path, descriptor, mode, isNew }, content, options);
  return { file, path };
}

/** The umask counts for a mode as for any new file. */
function receiveFile(blob: PartialBlob, content: BlobContent, options: TransferOptions): Promise<void> {
  return receiveWhole(blob, () =>
    counted(options, async ({ onBytes }) => {
      for await (const chunk of bytesOf(blob, content)) onBytes(chunk.length);
    }),
  );
}

/** An unpacked folder could not be verified again, so that its archive is what is kept. */
function receiveFolder(
  file: PullFile,
  { target: folder, content, isContinuable, isNew, limits, platform }: Receipt,
  options: TransferOptions,
): Promise<UnpackedFolder> {
  const unpack = (open: () => Promise<Readable>) =>
    counted(options, async (counting) => {
      if (!isNew) await onDisk(folder, () => rm(folder, { recursive: true, force: true }));
      const source = await open();
      const request = { file, folder, limits, platform };
      return unpackFolder(source, request, counting).finally(() => destroyed(source));
    });
  if (!isContinuable) return unpack(content.open);
  const blob = { path: archivePath(folder), descriptor: file.descriptor, isNew };
  const bytes = () => bytesOf(blob, content);
  return receiveWhole(blob, () =>
    unpack(async () => Readable.from(bytes(), { objectMode: false, highWaterMark: STREAM_BYTES })),
  );
}

/** Takes back what was counted when a try fails: the next one starts from the first byte. */
async function counted<T>(
  options: TransferOptions,
  run: (options: TransferOptions & Required<Pick<TransferOptions, 'onBytes'>>) => Promise<T>,
): Promise<T> {
  let countedBytes = 0;
  const onBytes = (delta: number) => {
    countedBytes += delta;
    options.onBytes?.(delta);
  };
  try {
    return await run({ ...options, onBytes });
  } catch (error) {
    if (countedBytes > 0) options.onBytes?.(-countedBytes);
    throw error;
  }
}

/** Resolves when nothing works for the stream any more: what came is on disk, and files are closed. */
async function destroyed(source: Readable): Promise<void> {
  if (source.closed) return;
  const closed = finished(source, { cleanup: true }).catch(() => undefined);
  source.destroy();
  await closed;
}
