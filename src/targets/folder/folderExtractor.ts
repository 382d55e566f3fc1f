import { link, lutimes, mkdir, open, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { UnsafePathError } from '../../oci/errors';
import { Pace } from '../../oci/pace';
import type { WaitOptions } from '../../oci/target';
import { innerPathProblem, titleParts } from '../../oci/title';
import { onDisk, systemCodeOf } from './fileError';
import { LinkResolver } from './linkTarget';
import { NameTree, type NameNode } from './nameTree';
import type { TarEntry } from './tarReader';
import type { UnpackLimits } from './unpackLimits';
import { writeParts, writeWhole, type Content } from './writeContent';

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

/** Where an archive is unpacked to. `title` is the path in the archive that `root`, a new folder, stands for. */
export interface ExtractorOptions extends WaitOptions {
  readonly root: string;
  readonly title: string;
  readonly platform: NodeJS.Platform;
  readonly limits: UnpackLimits;
}

/** What stands at a path: a folder with the attributes it was given, a file, or a link with its target. */
type Unpacked =
  | { readonly kind: 'folder'; readonly attributes?: Omit<FolderAttributes, 'relativePath'> }
  | { readonly kind: 'file' }
  | { readonly kind: 'link'; readonly entry: string; readonly target: string };

type Node = NameNode<Unpacked>;

/** A place for a file or link: the folder is there, the name is free. */
interface Place {
  readonly parent: Node;
  readonly name: string;
  /** On disk. */
  readonly full: string;
}

const PERMISSIONS = 0o777;
const OWNER_ALL = 0o700;
/** Small files are written side by side: most of their time is the way to the thread pool and back. */
const SMALL_FILE_BYTES = 256 * 1024;
const FILES_AT_ONCE = 16;

/**
 * Writes the entries of one archive below a new folder that nobody else writes to. Nothing is written through a link,
 * and no link may lead out; setuid, setgid and sticky bits are dropped, devices and pipes skipped.
 * Errors: UnsafePathError that names the entry, LinkStepsError, FileError.
 */
export class FolderExtractor {
  private readonly tree: NameTree<Unpacked>;
  private readonly titleParts: readonly string[];
  private readonly writing = new Set<Promise<unknown>>();
  private readonly failures: unknown[] = [];
  private readonly pace: Pace;
  private names = 0;
  private nameBytes = 0;

  constructor(private readonly options: ExtractorOptions) {
    this.tree = new NameTree<Unpacked>({ kind: 'folder' }, options.platform);
    this.titleParts = titleParts(options.title);
    this.pace = new Pace(options.signal);
  }

  async add(entry: TarEntry): Promise<void> {
    await this.pace.step();
    if (entry.kind === 'other') return;
    this.throwFailure();
    this.countNames(entry);
    const parts = this.innerParts(entry.path, (problem) => refused(entry, problem));
    if (entry.kind === 'folder') return this.addFolder(parts, entry);
    const name = parts.pop();
    if (name === undefined) throw refused(entry, 'it takes the place of the folder');
    const parent = await this.folderAt(parts, entry);
    const place = { parent, name, full: this.fullPath(parent, name) };
    await this.clear(place, entry);
    if (entry.kind === 'file') await this.startFile(place, entry);
    if (entry.kind === 'symlink') await this.addSymlink(place, entry);
    if (entry.kind === 'hardlink') await this.addHardLink(place, entry);
  }

  /** Checks every link against the whole tree, for a chain of links may lead out where none does alone. */
  async finish(): Promise<UnpackedFolder> {
    await this.settle();
    this.throwFailure();
    const links = this.linkResolver();
    const folders: FolderAttributes[] = this.attributesOf(this.tree.top);
    const leaves: string[] = [];
    for (const node of this.tree.nodes()) {
      await this.pace.step();
      folders.push(...this.attributesOf(node));
      if (node.value.kind === 'folder') continue;
      const relativePath = this.tree.pathOf(node);
      leaves.push(relativePath);
      if (node.value.kind !== 'link') continue;
      const problem = await links.problem(relativePath, node.value.target);
      if (problem) throw new UnsafePathError(node.value.entry, problem);
    }
    return { folders, leaves };
  }

  /** Waits for the small files that are still being written; call it before the folder is removed. */
  async settle(): Promise<void> {
    await Promise.all(this.writing);
  }

  private linkResolver(): LinkResolver {
    const { title, platform, limits, signal } = this.options;
    const targetAt = (parts: readonly string[]) => {
      const value = this.tree.find(parts)?.value;
      return value?.kind === 'link' ? value.target : undefined;
    };
    const where = `the archive of "${title}"`;
    return new LinkResolver(targetAt, {
      where,
      platform,
      mostSteps: limits.linkSteps,
      ...(signal && { signal }),
    });
  }

  private attributesOf(node: Node): FolderAttributes[] {
    if (node.value.kind !== 'folder' || !node.value.attributes) return [];
    return [{ relativePath: this.tree.pathOf(node), ...node.value.attributes }];
  }

  private countNames(entry: TarEntry): void {
    const { nameBytes } = this.options.limits;
    this.nameBytes += Buffer.byteLength(entry.path) + Buffer.byteLength(entry.linkPath);
    if (this.nameBytes > nameBytes)
      throw refused(entry, `the archive has more than ${nameBytes} bytes of names`);
  }

  /** The path of an entry below the folder; the archive must stay at or below its title. */
  private innerParts(inArchive: string, refusal: (problem: string) => UnsafePathError): string[] {
    const problem = innerPathProblem(inArchive, this.options.platform);
    if (problem) throw refusal(problem);
    const parts = titleParts(inArchive);
    if (!this.titleParts.every((part, index) => parts[index] === part))
      throw refusal(`it lies outside of "${this.options.title}"`);
    return parts.slice(this.titleParts.length);
  }

  private async folderAt(parts: readonly string[], entry: TarEntry): Promise<Node> {
    let node = this.tree.top;
    for (const [index, part] of parts.entries()) {
      const isLast = entry.kind === 'folder' && index === parts.length - 1;
      node =
        this.knownFolder(node, part, entry) ??
        (await this.makeFolder(node, part, isLast ? entry : undefined));
    }
    return node;
  }

  private knownFolder(parent: Node, name: string, entry: TarEntry): Node | undefined {
    const known = this.known(parent, name, entry);
    if (known?.value.kind === 'link') throw refused(entry, 'it would be written through a link');
    // A small file may not be on disk yet.
    if (known?.value.kind === 'file') throw refused(entry, 'a file stands where it needs a folder');
    return known;
  }

  /** Two spellings of one name: what is on disk in the end would not be what the archive says. */
  private known(parent: Node, name: string, entry: TarEntry): Node | undefined {
    const known = this.tree.child(parent, name);
    if (!known || known.name === name) return known;
    throw refused(entry, `it is the same name as "${this.tree.pathOf(known)}" on this system`);
  }

  private async makeFolder(parent: Node, name: string, entry: TarEntry | undefined): Promise<Node> {
    const full = this.fullPath(parent, name);
    const mode = (entry ? entry.mode & PERMISSIONS : PERMISSIONS) | OWNER_ALL;
    await this.make(full, () => mkdir(full, mode));
    return this.keep(parent, name, { kind: 'folder' });
  }

  private async addFolder(parts: readonly string[], entry: TarEntry): Promise<void> {
    const node = await this.folderAt(parts, entry);
    node.value = { kind: 'folder', attributes: { mode: entry.mode & PERMISSIONS, mtime: entry.mtime } };
  }

  /** A later entry replaces an earlier one of its name; a link is removed, never followed. */
  private async clear({ parent, name, full }: Place, entry: TarEntry): Promise<void> {
    const known = this.known(parent, name, entry);
    if (!known) return;
    if (known.value.kind === 'folder') throw refused(entry, 'a folder stands in its place');
    await this.settle();
    this.throwFailure();
    await onDisk(full, () => unlink(full));
  }

  /** A small file is written while the next entries are read; a large one as it arrives. */
  private async startFile(place: Place, entry: TarEntry): Promise<void> {
    this.keep(place.parent, place.name, { kind: 'file' });
    if (entry.sparse || entry.sizeBytes > SMALL_FILE_BYTES) return this.writeFile(place, entry, entry.body);
    const content: Buffer[] = [];
    for await (const chunk of entry.body) content.push(chunk);
    const writing = this.writeFile(place, entry, content)
      .catch((error: unknown) => this.failures.push(error))
      .finally(() => this.writing.delete(writing));
    this.writing.add(writing);
    if (this.writing.size >= FILES_AT_ONCE) await Promise.race(this.writing);
  }

  private async writeFile(
    { full }: Place,
    { mode, mtime, sparse }: TarEntry,
    content: Content,
  ): Promise<void> {
    const file = await this.make(full, () => open(full, 'wx', mode & PERMISSIONS));
    try {
      if (sparse) await writeParts({ file, full }, { content, sparse }, this.pace);
      else await writeWhole({ file, full }, content);
      await onDisk(full, () => file.utimes(mtime, mtime));
    } finally {
      await file.close();
    }
  }

  private throwFailure(): void {
    if (this.failures.length > 0) throw this.failures[0];
  }

  private async addSymlink({ parent, name, full }: Place, entry: TarEntry): Promise<void> {
    const { linkPath, mtime } = entry;
    if (linkPath === '' || linkPath.includes('\0')) throw refused(entry, 'it links to nothing');
    await this.make(full, () => symlink(linkPath, full));
    await onDisk(full, () => lutimes(full, mtime, mtime));
    this.keep(parent, name, { kind: 'link', entry: entry.path, target: linkPath });
  }

  /** The target of a hard link is named as entries are; it must be a file that was unpacked before. */
  private async addHardLink({ parent, name, full }: Place, entry: TarEntry): Promise<void> {
    const what = `it is a hard link to "${entry.linkPath}"`;
    const target = this.innerParts(entry.linkPath, (problem) => refused(entry, `${what}, but ${problem}`));
    const file = this.tree.find(target);
    if (file?.value.kind !== 'file') throw refused(entry, `${what}, which is no file of this archive`);
    await this.settle();
    await this.make(full, () => link(path.join(this.options.root, ...target), full));
    this.keep(parent, name, { kind: 'file' });
  }

  private keep(parent: Node, name: string, value: Unpacked): Node {
    const known = this.tree.child(parent, name);
    if (known) known.value = value;
    return known ?? this.addName(parent, name, value);
  }

  private addName(parent: Node, name: string, value: Unpacked): Node {
    const { entries } = this.options.limits;
    if (++this.names > entries)
      throw new UnsafePathError(name, `the archive has more than ${entries} files, links and folders`);
    return this.tree.add(parent, name, value);
  }

  /** Errors: UnsafePathError for a name that this disk, unlike its system, takes for an earlier one. */
  private async make<T>(full: string, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') return onDisk(full, () => Promise.reject(error as Error));
      const relativePath = path.relative(this.options.root, full);
      throw new UnsafePathError(relativePath, 'this disk takes it for the name of an earlier entry');
    }
  }

  private fullPath(parent: Node, name: string): string {
    return path.join(this.options.root, this.tree.pathOf(parent), name);
  }
}

function refused(entry: TarEntry, reason: string): UnsafePathError {
  return new UnsafePathError(entry.path, reason);
}
