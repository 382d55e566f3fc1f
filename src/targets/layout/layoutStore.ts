import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../../oci/digest';
import { InvalidContentError } from '../../oci/errors';
import { onDisk } from '../folder/fileError';
import { BlobFolder } from './blobFolder';
import { LayoutIndex } from './layoutIndex';
import type { LayoutSource } from './layoutSource';
import { ManifestGraph } from './manifestGraph';
import { removeStale } from './staleFiles';
import { unlessMissing } from './systemError';

const MARKER = '{"imageLayoutVersion":"1.0.0"}';

/** How a layout folder is opened. */
export interface LayoutOptions {
  /** A folder for temporary files on the same file system; default `.ingest` inside the layout. */
  readonly staging?: string;
}

/** The parts of one layout folder that its reader, writer, lister and remover share. */
export class LayoutStore implements LayoutSource {
  readonly blobs: BlobFolder;
  readonly index: LayoutIndex;
  readonly graph: ManifestGraph;
  private readonly staging: string;
  private cleaned: Promise<unknown> | undefined;
  /** The state of the marker that was read last: each write to the layout asks for it. */
  private knownMarker: string | undefined;

  constructor(
    readonly root: string,
    options: LayoutOptions = {},
  ) {
    this.staging = options.staging ?? path.join(root, '.ingest');
    this.blobs = new BlobFolder(root, this.staging);
    this.index = new LayoutIndex(root, this.staging);
    this.graph = new ManifestGraph(this.index, this.blobs);
  }

  /** True when the folder is a layout. Errors: InvalidContentError for a layout of another version. */
  async exists(): Promise<boolean> {
    const found = await unlessMissing(stat(this.marker));
    if (found && this.knownMarker === signatureOf(found)) return true;
    const text = await unlessMissing(readFile(this.marker, 'utf8'));
    if (text === undefined) return false;
    if (isLayoutMarker(text)) {
      if (found) this.knownMarker = signatureOf(found);
      return true;
    }
    throw new InvalidContentError(this.marker, 'it is not the marker of an OCI image layout 1.0.0');
  }

  /**
   * Makes the folder a layout; the marker comes last, so that a folder with it is complete. In one that is there, the
   * first write takes away what a process that was killed has left. Errors: FileError.
   */
  async ensure(): Promise<void> {
    if (!(await this.exists())) return onDisk(this.root, () => this.make());
    // What cannot be removed, another user's perhaps, is in nobody's way.
    this.cleaned ??= this.clean().catch(() => undefined);
    await this.cleaned;
  }

  /** Makes manifests young that a tag has just left: the age of an untagged one counts from here. */
  async claimUntagged(digests: Iterable<Digest>): Promise<void> {
    for (const digest of digests) await this.blobs.claim(digest);
  }

  private async make(): Promise<void> {
    await mkdir(path.join(this.root, 'blobs'), { recursive: true });
    await mkdir(this.staging, { recursive: true });
    await this.clean();
    await this.index.create();
    const temporary = path.join(this.staging, `marker-${randomUUID()}`);
    await writeFile(temporary, MARKER);
    await rename(temporary, this.marker);
  }

  private clean(): Promise<unknown> {
    return removeStale(this.staging, Date.now());
  }

  private get marker(): string {
    return path.join(this.root, 'oci-layout');
  }
}

function signatureOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}

/** True for the text of `oci-layout` of a layout that can be read here. Spec: image-spec v1.1.1 image-layout.md. */
export function isLayoutMarker(text: string): boolean {
  try {
    return (JSON.parse(text) as { imageLayoutVersion?: unknown } | null)?.imageLayoutVersion === '1.0.0';
  } catch {
    return false;
  }
}
