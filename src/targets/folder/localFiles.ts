import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { annotationKeys } from '../../oci/annotations';
import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { FileError } from '../../oci/errors';
import { modeAnnotation } from '../../oci/fileMode';
import { mediaTypes } from '../../oci/mediaTypes';
import type { ContentSource, FileSource, LocalFile, TransferOptions, WaitOptions } from '../../oci/target';
import { onDisk } from './fileError';
import { IGNORE_FILE } from './ignoreRules';
import { packFolder } from './packFolder';
import { hashFile, streamKnownFile, type KnownFile } from './readFile';
import { refusedKind, walkFolder } from './walkFolder';

/** The largest file, and the most of all files, that is kept in memory. */
const KEPT_FILE_BYTES = 64 * 1024;
const KEPT_BYTES = 32 * 1024 * 1024;

/**
 * `temporaryFolder` is where packed folders are kept; the system's by default. `ignoreFile` names the files in folders
 * that say what is not pushed, `.ociignore` by default; `none` pushes all.
 */
export interface LocalFilesOptions {
  readonly temporaryFolder?: string;
  readonly ignoreFile?: string;
  /** Keeps the permissions of single files in an annotation; those in folders are kept in any case. */
  readonly keepModes?: boolean;
}

/**
 * Files and folders of this machine as content to push. Folders are packed into a temporary folder, so that an upload
 * can start again; call `dispose` when the push is through.
 */
export class LocalFiles implements FileSource {
  private readonly known = new Map<Digest, KnownFile>();
  private readonly temporaryParent: string;
  private temporaryFolder: Promise<string> | undefined;
  private packedCount = 0;
  private keptBytes = 0;

  private readonly ignoreFile: string | undefined;
  private readonly keepModes: boolean;

  constructor({
    temporaryFolder = tmpdir(),
    ignoreFile = IGNORE_FILE,
    keepModes = false,
  }: LocalFilesOptions = {}) {
    this.keepModes = keepModes;
    this.temporaryParent = temporaryFolder;
    this.ignoreFile = ignoreFile === 'none' ? undefined : ignoreFile;
  }

  async add(file: LocalFile, options: TransferOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted();
    return (await kindOf(file.path)) === 'file' ? this.addFile(file, options) : this.addFolder(file, options);
  }

  async measure(file: LocalFile, options: WaitOptions = {}): Promise<number> {
    options.signal?.throwIfAborted();
    const root = await onDisk(file.path, () => realpath(file.path));
    await kindOf(root);
    let sizeBytes = 0;
    for await (const { kind, stats } of walkFolder(root, { ...options, ignoreFile: this.ignoreFile })) {
      if (kind === 'file') sizeBytes += Number(stats.size);
    }
    return sizeBytes;
  }

  content(descriptor: Descriptor): ContentSource {
    return {
      open: async (options = {}) => {
        options.signal?.throwIfAborted();
        const known = this.known.get(descriptor.digest);
        if (known) return streamKnownFile(known, options);
        throw new FileError(descriptor.digest, 'UNKNOWN', 'no file with this content was added');
      },
    };
  }

  /** Removes packed folders; open content streams fail. Safe to call twice. */
  async dispose(): Promise<void> {
    const folder = this.temporaryFolder;
    this.temporaryFolder = undefined;
    this.known.clear();
    this.keptBytes = 0;
    if (folder) await rm(await folder, { recursive: true, force: true });
  }

  private async addFile(file: LocalFile, options: TransferOptions): Promise<Descriptor> {
    const known = await hashFile(file.path, options, (sizeBytes) => this.keeps(sizeBytes));
    const { mode } = await onDisk(file.path, () => stat(file.path));
    return this.remember(known, {
      mediaType: file.mediaType ?? mediaTypes.ociLayer,
      annotations: { [annotationKeys.title]: file.title, ...(this.keepModes && modeAnnotation(mode)) },
    });
  }

  /** What is small is sent as it was read: to open a file again takes longer than to send it. */
  private keeps(sizeBytes: number): boolean {
    if (sizeBytes > KEPT_FILE_BYTES || this.keptBytes + sizeBytes > KEPT_BYTES) return false;
    this.keptBytes += sizeBytes;
    return true;
  }

  private async addFolder(file: LocalFile, options: TransferOptions): Promise<Descriptor> {
    const folder = await onDisk(file.path, () => realpath(file.path));
    const archivePath = path.join(await this.temporary(), `${this.packedCount++}.tar.gz`);
    const { ignoreFile } = this;
    const request = { folder, title: file.title, archivePath, ignoreFile };
    const { archive, tarDigest } = await packFolder(request, options);
    return this.remember(archive, {
      mediaType: file.mediaType ?? mediaTypes.ociLayerGzip,
      annotations: {
        [annotationKeys.contentDigest]: tarDigest,
        [annotationKeys.contentUnpack]: 'true',
        [annotationKeys.title]: file.title,
      },
    });
  }

  private remember(known: KnownFile, rest: Pick<Descriptor, 'mediaType' | 'annotations'>): Descriptor {
    const { digest, state } = known;
    if (!this.known.has(digest)) this.known.set(digest, known);
    return { ...rest, digest, size: state.sizeBytes };
  }

  private temporary(): Promise<string> {
    const prefix = path.join(this.temporaryParent, 'oci-push-');
    this.temporaryFolder ??= onDisk(this.temporaryParent, () => mkdtemp(prefix));
    return this.temporaryFolder;
  }
}

async function kindOf(file: string): Promise<'file' | 'folder'> {
  const stats = await onDisk(file, () => stat(file, { bigint: true }));
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  throw refusedKind(file, stats);
}
