import { createReadStream } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { kindTypes } from '../../oci/artifactKinds';
import type { Descriptor } from '../../oci/descriptor';
import { FileError } from '../../oci/errors';
import { parseChart, type ChartContent, type ChartMetadata } from '../../oci/helmChart';
import type { ContentSource, TransferOptions, WaitOptions } from '../../oci/target';
import { decompressed } from './decompressed';
import { ifExists, onDisk } from './fileError';
import { packChart } from './packChart';
import { hashFile, streamKnownFile, type KnownFile } from './readFile';
import { readTar } from './tarReader';
import { makeTemporaryFolder } from './temporaryFolder';
import { ExpansionLimit } from './unpackLimits';

/** The largest Chart.yaml that is read, in bytes. */
const MAX_CHART_YAML_BYTES = 1024 * 1024;
/** What a chart may expand to, in bytes. Source: Helm, MaxDecompressedChartSize. */
const MAX_CHART_BYTES = 100 * 1024 * 1024;

/** How to open a chart. `temporaryFolder` is where a folder's archive is kept; the system's by default. */
export interface HelmChartOptions extends TransferOptions {
  readonly temporaryFolder?: string;
}

/** A chart of this machine: a folder with a Chart.yaml, or an archive of `helm package`. Call `dispose` at the end. */
export class HelmChart implements ChartContent {
  private constructor(
    readonly metadata: ChartMetadata,
    readonly archive: Descriptor,
    private readonly files: readonly KnownFile[],
    private readonly folders: { readonly provenance?: Descriptor; readonly temporary?: string },
  ) {}

  get provenance(): Descriptor | undefined {
    return this.folders.provenance;
  }

  /** True for a folder with a Chart.yaml and for an archive with one in its top folder. Errors: FileError, the abort reason. */
  static async isChart(file: string, options: WaitOptions = {}): Promise<boolean> {
    const stats = await onDisk(file, () => stat(file));
    if (stats.isDirectory())
      return (await ifExists(file, () => stat(path.join(file, 'Chart.yaml')))) !== undefined;
    if (!/\.(?:tgz|tar\.gz)$/.test(file)) return false;
    return filesOfArchive(file, options).then(
      (found) => found.has('Chart.yaml'),
      () => {
        options.signal?.throwIfAborted();
        return false;
      },
    );
  }

  /** Reads a chart; a folder is packed. Errors: FileError, InvalidContentError for what Helm would not take. */
  static async open(file: string, options: HelmChartOptions = {}): Promise<HelmChart> {
    const stats = await onDisk(file, () => stat(file));
    return stats.isDirectory() ? HelmChart.ofFolder(file, options) : HelmChart.ofArchive(file, options);
  }

  content({ digest }: Descriptor): ContentSource {
    return {
      open: async (wait) => {
        const known = this.files.find((each) => each.digest === digest);
        if (known) return streamKnownFile(known, wait);
        throw new FileError(digest, 'UNKNOWN', 'no file with this content is part of the chart');
      },
    };
  }

  /** Removes a folder's archive. Safe to call twice. */
  async dispose(): Promise<void> {
    if (this.folders.temporary) await rm(this.folders.temporary, { recursive: true, force: true });
  }

  private static async ofFolder(folder: string, options: HelmChartOptions): Promise<HelmChart> {
    const metadata = await metadataOfFolder(folder);
    const temporary = await makeTemporaryFolder(options.temporaryFolder);
    try {
      const archivePath = path.join(temporary, `${metadata.name}.tgz`);
      const known = await packChart({ folder, name: metadata.name, archivePath }, options);
      return new HelmChart(metadata, layerOf(known, kindTypes.helmContent), [known], { temporary });
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  private static async ofArchive(file: string, options: HelmChartOptions): Promise<HelmChart> {
    const texts = await filesOfArchive(file, options);
    const chartYaml = texts.get('Chart.yaml');
    if (chartYaml === undefined) throw new FileError(file, 'NOT_A_CHART', 'there is no Chart.yaml in it');
    const metadata = await parseChart(chartYaml, `Chart.yaml in "${file}"`, texts.get('requirements.yaml'));
    const archive = await hashFile(file, options);
    const hasProvenance = await ifExists(file, () => stat(`${file}.prov`));
    const provenance = hasProvenance && (await hashFile(`${file}.prov`, options));
    const files = [archive, ...(provenance ? [provenance] : [])];
    return new HelmChart(metadata, layerOf(archive, kindTypes.helmContent), files, {
      ...(provenance && { provenance: layerOf(provenance, kindTypes.helmProvenance) }),
    });
  }
}

function layerOf({ digest, state }: KnownFile, mediaType: string): Descriptor {
  return { mediaType, digest, size: state.sizeBytes };
}

async function metadataOfFolder(folder: string): Promise<ChartMetadata> {
  const chartFile = path.join(folder, 'Chart.yaml');
  const { size } = await onDisk(chartFile, () => stat(chartFile));
  if (size > MAX_CHART_YAML_BYTES)
    throw new FileError(chartFile, 'TOO_LARGE', 'it is too large for a Chart.yaml');
  const chartYaml = await onDisk(chartFile, () => readFile(chartFile, 'utf8'));
  const requirementsFile = path.join(folder, 'requirements.yaml');
  const requirements = await ifExists(requirementsFile, () => readFile(requirementsFile, 'utf8'));
  return parseChart(chartYaml, `"${chartFile}"`, requirements);
}

/** Chart.yaml and requirements.yaml of the top folder of an archive, by name. */
async function filesOfArchive(file: string, { signal }: WaitOptions): Promise<ReadonlyMap<string, string>> {
  const what = `The archive "${file}"`;
  const { size } = await onDisk(file, () => stat(file));
  const limits = { expandedBytes: MAX_CHART_BYTES, freeBytes: MAX_CHART_BYTES, ratio: 0 };
  const expansion = new ExpansionLimit(file, size, limits);
  const expanded = decompressed(obeying(createReadStream(file), signal), what);
  const found = new Map<string, string>();
  for await (const entry of readTar(obeying(expansion.passed(expanded), signal), what)) {
    signal?.throwIfAborted();
    const [, name, ...deeper] = entry.path.replace(/^\.\//, '').split('/');
    const isWanted = name === 'Chart.yaml' || name === 'requirements.yaml';
    if (!isWanted || deeper.length > 0 || entry.kind !== 'file' || entry.sizeBytes > MAX_CHART_YAML_BYTES)
      continue;
    const chunks: Buffer[] = [];
    for await (const chunk of entry.body) chunks.push(chunk);
    found.set(name, Buffer.concat(chunks).toString('utf8'));
  }
  return found;
}

/** Passes chunks through. Errors: the abort reason, those of the source. */
async function* obeying(source: AsyncIterable<Buffer>, signal?: AbortSignal): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
