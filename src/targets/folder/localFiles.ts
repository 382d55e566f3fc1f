import { realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { annotationKeys } from '../../oci/annotations';
import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { FileError } from '../../oci/errors';
import { modeAnnotation } from '../../oci/fileMode';
import { mediaTypes } from '../../oci/mediaTypes';
import type {
  ContentSource,
  FileSource,
  LocalFile,
  TransferOptions,
  UnreadFile,
  UnreadSource,
  WaitOptions,
} from '../../oci/target';
import { onDisk } from './fileError';
import { fileStateOf } from './fileState';
import { fingerprintOf } from './fingerprint';
import { IGNORE_FILE } from './ignoreRules';
import { packFolder, type PackedFolder } from './packFolder';
import { hashFile, streamKnownFile, type KnownFile } from './readFile';
import { makeTemporaryFolder } from './temporaryFolder';
import { refusedKind } from './walkFolder';

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
  /** Reads what is added again only if it was touched since: for previews, where little changes from one to the next. */
  readonly reuse?: boolean;
}

/** What was read, and how it looked then. */
interface ReadBefore {
  readonly print: string;
  readonly content: KnownFile | PackedFolder;
}

/**
 * Files and folders of this machine as content to push. Folders are packed into a temporary folder, so that an upload
 * can start again; call `dispose` when the push is through.
 */
export class LocalFiles implements FileSource, UnreadSource {
  private readonly known = new Map<Digest, KnownFile>();
  private readonly before = new Map<string, ReadBefore>();
  /** Paths of packed folders. */
  private readonly archives = new Set<string>();
  private readonly temporaryParent: string | undefined;
  private temporaryFolder: Promise<string> | undefined;
  private packedCount = 0;
  private keptBytes = 0;

  private readonly ignoreFile: string | undefined;
  private readonly keepModes: boolean;
  private readonly reuse: boolean;

  constructor({
    temporaryFolder,
    ignoreFile = IGNORE_FILE,
    keepModes = false,
    reuse = false,
  }: LocalFilesOptions = {}) {
    this.keepModes = keepModes;
    this.reuse = reuse;
    this.temporaryParent = temporaryFolder;
    this.ignoreFile = ignoreFile === 'none' ? undefined : ignoreFile;
  }

  async add(file: LocalFile, options: TransferOptions = {}): Promise<Descriptor> {
    options.signal?.throwIfAborted();
    const { kind } = await look(file.path);
    return kind === 'file' ? this.addFile(file, options) : this.addFolder(file, options);
  }

  async measure(file: LocalFile, options: WaitOptions = {}): Promise<number> {
    options.signal?.throwIfAborted();
    const { kind, sizeBytes } = await look(file.path);
    if (kind === 'file') return sizeBytes;
    return (await fingerprintOf(file.path, { ...options, ignoreFile: this.ignoreFile })).sizeBytes;
  }

  async unread({ path }: LocalFile, options: WaitOptions = {}): Promise<UnreadFile | undefined> {
    options.signal?.throwIfAborted();
    const stats = await onDisk(path, () => stat(path, { bigint: true }));
    if (!stats.isFile() || (await this.wasRead(path, options))) return undefined;
    const state = fileStateOf(stats);
    const content = { open: async (wait?: WaitOptions) => streamKnownFile({ path, state }, wait) };
    return { sizeBytes: state.sizeBytes, content };
  }

  content(descriptor: Descriptor): ContentSource {
    const bytes = this.known.get(descriptor.digest)?.bytes;
    return {
      ...(bytes && { bytes }),
      open: async (options = {}) => {
        options.signal?.throwIfAborted();
        const known = this.known.get(descriptor.digest);
        if (known) return streamKnownFile(known, options);
        throw new FileError(descriptor.digest, 'UNKNOWN', 'no file with this content was added');
      },
    };
  }

  /** Removes packed folders, but not those of these digests. */
  async forgetExcept(digests: readonly Digest[]): Promise<void> {
    const kept = new Set(digests.map((digest) => this.known.get(digest)?.path));
    const gone = [...this.archives].filter((archive) => !kept.has(archive));
    for (const archive of gone) {
      this.archives.delete(archive);
      await rm(archive, { force: true });
    }
    for (const [digest, { path }] of this.known) if (gone.includes(path)) this.known.delete(digest);
    for (const [key, { content }] of this.before)
      if ('archive' in content && gone.includes(content.archive.path)) this.before.delete(key);
  }

  /** Removes packed folders; open content streams fail. Safe to call twice. */
  async dispose(): Promise<void> {
    const folder = this.temporaryFolder;
    this.temporaryFolder = undefined;
    this.known.clear();
    this.keptBytes = 0;
    this.before.clear();
    this.archives.clear();
    if (folder) await rm(await folder, { recursive: true, force: true });
  }

  private async addFile(file: LocalFile, options: TransferOptions): Promise<Descriptor> {
    const known = await this.unlessRead(file.path, file, options, () =>
      hashFile(file.path, options, (sizeBytes) => this.keeps(sizeBytes)),
    );
    const mode = this.keepModes && modeAnnotation((await onDisk(file.path, () => stat(file.path))).mode);
    return this.remember(known, {
      mediaType: file.mediaType ?? mediaTypes.ociLayer,
      annotations: { [annotationKeys.title]: file.title, ...mode },
    });
  }

  /** What is small is sent as it was read: to open a file again takes longer than to send it. */
  private keeps(sizeBytes: number): boolean {
    if (sizeBytes > KEPT_FILE_BYTES || this.keptBytes + sizeBytes > KEPT_BYTES) return false;
    this.keptBytes += sizeBytes;
    return true;
  }

  private async addFolder(file: LocalFile, options: TransferOptions): Promise<Descriptor> {
    const { archive, tarDigest } = await this.unlessRead(`${file.path}\0${file.title}`, file, options, () =>
      this.pack(file, options),
    );
    return this.remember(archive, {
      mediaType: file.mediaType ?? mediaTypes.ociLayerGzip,
      annotations: {
        [annotationKeys.contentDigest]: tarDigest,
        [annotationKeys.contentUnpack]: 'true',
        [annotationKeys.title]: file.title,
      },
    });
  }

  private async pack(file: LocalFile, options: TransferOptions): Promise<PackedFolder> {
    const folder = await onDisk(file.path, () => realpath(file.path));
    const archivePath = path.join(await this.temporary(), `${this.packedCount++}.tar.gz`);
    const { ignoreFile } = this;
    try {
      const packed = await packFolder({ folder, title: file.title, archivePath, ignoreFile }, options);
      this.archives.add(archivePath);
      return packed;
    } catch (error) {
      await rm(archivePath, { force: true });
      throw error;
    }
  }

  /** Takes what was read under a key before where it may, and nothing was touched since. */
  private async unlessRead<T extends ReadBefore['content']>(
    key: string,
    file: LocalFile,
    options: TransferOptions,
    read: () => Promise<T>,
  ): Promise<T> {
    if (!this.reuse) return read();
    const { ignoreFile } = this;
    const { print, sizeBytes } = await fingerprintOf(file.path, { ...options, ignoreFile });
    const before = this.before.get(key);
    if (before?.print !== print) {
      const content = await read();
      this.before.set(key, { print, content });
      return content;
    }
    options.onBytes?.(sizeBytes);
    return before.content as T;
  }

  /** True for a file that need not be read again. */
  private async wasRead(path: string, options: WaitOptions): Promise<boolean> {
    const before = this.before.get(path);
    if (!this.reuse || !before) return false;
    return (await fingerprintOf(path, { ...options, ignoreFile: this.ignoreFile })).print === before.print;
  }

  private remember(known: KnownFile, rest: Pick<Descriptor, 'mediaType' | 'annotations'>): Descriptor {
    const { digest, state } = known;
    this.known.set(digest, known);
    return { ...rest, digest, size: state.sizeBytes };
  }

  private temporary(): Promise<string> {
    this.temporaryFolder ??= makeTemporaryFolder(this.temporaryParent);
    return this.temporaryFolder;
  }
}

/** What there is to push, and how large it is where it is a file. */
async function look(path: string): Promise<{ readonly kind: 'file' | 'folder'; readonly sizeBytes: number }> {
  const stats = await onDisk(path, () => stat(path, { bigint: true }));
  const sizeBytes = Number(stats.size);
  if (stats.isFile()) return { kind: 'file', sizeBytes };
  if (stats.isDirectory()) return { kind: 'folder', sizeBytes };
  throw refusedKind(path, stats);
}
