import { link, lstat, lutimes, mkdir, open, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { UnsafePathError } from '../../oci/errors';
import { titleProblem } from '../../oci/title';
import { BlockWriter } from './blockWriter';
import { asFileError, ifExists, onDisk, systemCodeOf } from './fileError';
import { linkProblem, linkReaderOf } from './linkTarget';
import { foldsNames, nameKey } from './nameKey';
import type { TarEntry } from './tarReader';

/** What a folder is given after all is in place: a read-only one could not be filled or moved before. */
export interface FolderAttributes {
  /** Relative to the unpacked folder, with `/`; empty for the folder itself. */
  readonly relativePath: string;
  readonly mode: number;
  readonly mtime: Date;
}

/** What was unpacked: leaves are files and links. */
export interface UnpackedFolder {
  readonly folders: readonly FolderAttributes[];
  readonly leaves: readonly string[];
}

const PERMISSIONS = 0o777;
const OWNER_ALL = 0o700;
/** Small files are written side by side: most of their time is the way to the thread pool and back. */
const SMALL_FILE_BYTES = 256 * 1024;
const FILES_AT_ONCE = 16;

/**
 * Writes the entries of one archive below a new folder that nobody else writes to. Nothing is written through a link,
 * and no link may lead out; setuid, setgid and sticky bits are dropped, devices and pipes skipped.
 * Errors: UnsafePathError that names the entry, FileError.
 */
export class FolderExtractor {
  private readonly foldersMade = new Set<string>();
  private readonly attributes = new Map<string, FolderAttributes>();
  private readonly leaves = new Set<string>();
  private readonly writing = new Set<Promise<unknown>>();
  private readonly failures: unknown[] = [];
  private readonly links = new Map<string, { readonly entry: string; readonly target: string }>();
  /** By what counts for the disk: the first spelling of each name. */
  private readonly spellings = new Map<string, string>();

  constructor(
    private readonly root: string,
    private readonly title: string,
    private readonly platform: NodeJS.Platform,
  ) {}

  async add(entry: TarEntry): Promise<void> {
    if (entry.kind === 'other') return;
    this.throwFailure();
    const relativePath = this.innerPath(entry.path, entry.path);
    if (relativePath === '' && entry.kind !== 'folder')
      throw refused(entry, 'it takes the place of the folder');
    if (this.mayFold) this.refuseOtherSpelling(relativePath, entry);
    await this.makeParents(relativePath, entry);
    if (entry.kind === 'folder') return this.addFolder(relativePath, entry);
    await this.clear(relativePath, entry);
    if (entry.kind === 'file') await this.startFile(relativePath, entry);
    if (entry.kind === 'symlink') await this.addSymlink(relativePath, entry);
    if (entry.kind === 'hardlink') await this.addHardLink(relativePath, entry);
    this.leaves.add(relativePath);
  }

  /** Checks every link against the whole tree, for a chain of links may lead out where none does alone. */
  async finish(): Promise<UnpackedFolder> {
    await this.settle();
    this.throwFailure();
    const readLink = linkReaderOf(this.root);
    for (const [relativePath, { entry, target }] of this.links) {
      const problem = await linkProblem(relativePath, target, readLink);
      if (problem) throw new UnsafePathError(entry, problem);
    }
    return { folders: [...this.attributes.values()], leaves: [...this.leaves] };
  }

  /** Waits for the small files that are still being written; call it before the folder is removed. */
  async settle(): Promise<void> {
    await Promise.all(this.writing);
  }

  /** The path of an entry relative to the folder; the archive must stay at or below its title. */
  private innerPath(inArchive: string, entryPath: string): string {
    const problem = titleProblem(inArchive, this.platform);
    if (problem) throw new UnsafePathError(entryPath, problem);
    const parts = partsOf(inArchive);
    const titleParts = partsOf(this.title);
    if (!titleParts.every((part, index) => parts[index] === part)) {
      throw new UnsafePathError(entryPath, `it lies outside of "${this.title}"`);
    }
    return parts.slice(titleParts.length).join('/');
  }

  /** Two spellings of one name: what is on disk in the end would not be what the archive says. */
  private refuseOtherSpelling(relativePath: string, entry: TarEntry): void {
    for (let end = relativePath.indexOf('/'); ; end = relativePath.indexOf('/', end + 1)) {
      const name = end < 0 ? relativePath : relativePath.slice(0, end);
      const key = nameKey(name, this.platform);
      const known = this.spellings.get(key) ?? name;
      if (known !== name) throw refused(entry, `it is the same name as "${known}" on this system`);
      this.spellings.set(key, name);
      if (end < 0) return;
    }
  }

  private async makeParents(relativePath: string, entry: TarEntry): Promise<void> {
    const parts = relativePath.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      await this.makeFolder(parts.slice(0, depth).join('/'), entry);
    }
  }

  private async makeFolder(relativePath: string, entry: TarEntry): Promise<void> {
    if (relativePath === '' || this.foldersMade.has(relativePath)) return;
    if (this.links.has(relativePath)) throw refused(entry, 'it would be written through a link');
    // A small file may not be on disk yet.
    if (this.leaves.has(relativePath)) throw refused(entry, 'a file stands where it needs a folder');
    const full = this.fullPath(relativePath);
    try {
      await mkdir(full, (entry.kind === 'folder' ? entry.mode & PERMISSIONS : PERMISSIONS) | OWNER_ALL);
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw asFileError(full, error);
      const stats = await onDisk(full, () => lstat(full));
      if (stats.isSymbolicLink()) throw refused(entry, 'it would be written through a link');
      if (!stats.isDirectory()) throw refused(entry, 'a file stands where it needs a folder');
    }
    this.foldersMade.add(relativePath);
  }

  private async addFolder(relativePath: string, entry: TarEntry): Promise<void> {
    await this.makeFolder(relativePath, entry);
    const { mode, mtime } = entry;
    this.attributes.set(relativePath, { relativePath, mode: mode & PERMISSIONS, mtime });
  }

  /** A later entry replaces an earlier one of its name; a link is removed, never followed. */
  private async clear(relativePath: string, entry: TarEntry): Promise<void> {
    if (this.foldersMade.has(relativePath)) throw refused(entry, 'a folder stands in its place');
    if (!this.leaves.has(relativePath) && !this.mayFold) return;
    if (this.leaves.has(relativePath)) await this.settle();
    const full = this.fullPath(relativePath);
    const stats = await ifExists(full, () => lstat(full));
    if (!stats) return;
    if (stats.isDirectory()) throw refused(entry, 'a folder stands in its place');
    await onDisk(full, () => unlink(full));
    this.links.delete(relativePath);
  }

  /** A small file is written while the next entries are read; a large one as it arrives. */
  private async startFile(relativePath: string, entry: TarEntry): Promise<void> {
    if (entry.sizeBytes > SMALL_FILE_BYTES) return this.writeFile(relativePath, entry, entry.body);
    const content: Buffer[] = [];
    for await (const chunk of entry.body) content.push(chunk);
    const writing = this.writeFile(relativePath, entry, content)
      .catch((error: unknown) => this.failures.push(error))
      .finally(() => this.writing.delete(writing));
    this.writing.add(writing);
    if (this.writing.size >= FILES_AT_ONCE) await Promise.race(this.writing);
  }

  private async writeFile(
    relativePath: string,
    { mode, mtime }: TarEntry,
    content: Iterable<Buffer> | AsyncIterable<Buffer>,
  ): Promise<void> {
    const full = this.fullPath(relativePath);
    const file = await onDisk(full, () => open(full, 'wx', mode & PERMISSIONS));
    try {
      const writer = new BlockWriter(file, full);
      for await (const chunk of content) await writer.add(chunk);
      await writer.end();
      await onDisk(full, () => file.utimes(mtime, mtime));
    } finally {
      await file.close();
    }
  }

  private throwFailure(): void {
    if (this.failures.length > 0) throw this.failures[0];
  }

  private async addSymlink(relativePath: string, entry: TarEntry): Promise<void> {
    const full = this.fullPath(relativePath);
    if (entry.linkPath === '' || entry.linkPath.includes('\0')) throw refused(entry, 'it links to nothing');
    await onDisk(full, () => symlink(entry.linkPath, full));
    await onDisk(full, () => lutimes(full, entry.mtime, entry.mtime));
    this.links.set(relativePath, { entry: entry.path, target: entry.linkPath });
  }

  /** The target of a hard link is named as entries are; it must be a file that was unpacked before. */
  private async addHardLink(relativePath: string, entry: TarEntry): Promise<void> {
    const target = this.innerPath(entry.linkPath, entry.path);
    if (!this.leaves.has(target) || this.links.has(target)) {
      throw refused(entry, `it is a hard link to "${entry.linkPath}", which is no file of this archive`);
    }
    await this.settle();
    const full = this.fullPath(relativePath);
    await onDisk(full, () => link(this.fullPath(target), full));
  }

  /** File systems that take two spellings for one name make a new name an old one. */
  private get mayFold(): boolean {
    return foldsNames(this.platform);
  }

  private fullPath(relativePath: string): string {
    return relativePath === '' ? this.root : path.join(this.root, relativePath);
  }
}

function partsOf(pathInArchive: string): string[] {
  return pathInArchive.split('/').filter((part) => part !== '' && part !== '.');
}

function refused(entry: TarEntry, reason: string): UnsafePathError {
  return new UnsafePathError(entry.path, reason);
}
