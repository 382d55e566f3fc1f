import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rm, rmdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { cleanTitle } from '../../oci/title';
import type { StagingKeeper } from '../../oci/transferStore';
import type { ConflictPolicy, FileSink, PullFile, StageOptions, WaitOptions } from '../../oci/target';
import { ifExists, onDisk, systemCodeOf } from './fileError';
import type { FolderAttributes } from './folderExtractor';
import { OpenedSources } from './openedSources';
import { archivePath, receiveLayer, type StagedFile } from './receiveLayer';
import { carryOut, planMerge, type Move } from './mergePlan';
import { makeStagingFolder, type StagingFolder } from './stagingFolder';
import { checkParents, checkTitles, finalPath } from './titlePaths';
import { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from './unpackLimits';

/** `platform` decides which names count as one; the running system by default. */
export interface FolderSinkOptions {
  readonly platform?: NodeJS.Platform;
  readonly limits?: UnpackLimits;
  /** Without one, nothing of a pull that stopped is kept. */
  readonly keeper?: StagingKeeper;
}

/**
 * A local folder as the place that a pull writes to. All lands in `<root>/.oci-pull-<random>` first and is moved by
 * rename when everything is there. `root` is absolute and is created when it is missing.
 */
export class FolderSink implements FileSink {
  private readonly platform: NodeJS.Platform;
  private readonly limits: UnpackLimits;
  private readonly keeper: StagingKeeper | undefined;
  private staged: StagedFile[] = [];
  private staging: Promise<StagingFolder> | undefined;
  /** The outermost folder made for `root`; what is empty up to there goes with a discarded pull. */
  private firstFolderMade: string | undefined;

  constructor(
    private readonly root: string,
    { platform = process.platform, limits = DEFAULT_UNPACK_LIMITS, keeper }: FolderSinkOptions = {},
  ) {
    this.keeper = keeper;
    this.platform = platform;
    this.limits = limits;
  }

  async conflicts(files: readonly PullFile[], { signal }: WaitOptions = {}): Promise<readonly string[]> {
    await checkTitles(files, this.platform, signal);
    if (await this.hasNothingBut([])) return [];
    const existing: string[] = [];
    for (const { title } of files) {
      signal?.throwIfAborted();
      await checkParents(this.root, title);
      const full = finalPath(this.root, title);
      if (await ifExists(full, () => lstat(full))) existing.push(title);
    }
    return existing;
  }

  async stage(file: PullFile, open: () => Promise<Readable>, options: StageOptions = {}): Promise<void> {
    await checkTitles([file], this.platform);
    options.signal?.throwIfAborted();
    const { path: folder, names } = await this.stagingFolder();
    const name = stagedName(file);
    const isNew = !names.has(name) && !names.has(archivePath(name));
    names.add(name);
    const target = path.join(folder, name);
    const sources = new OpenedSources(open, options);
    const { limits, platform, keeper } = this;
    const receipt = {
      target,
      content: sources.content,
      isContinuable: keeper !== undefined,
      isNew,
      limits,
      platform,
    };
    try {
      this.staged.push(await receiveLayer(file, receipt, options));
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      sources.close();
    }
  }

  /** Everything is looked at before the first move: a commit that fails its checks has changed nothing. */
  async commit(policy: ConflictPolicy): Promise<readonly string[]> {
    await checkTitles(
      this.staged.map(({ file }) => file),
      this.platform,
    );
    const whole = await this.joinNested();
    const moves = await this.plan(whole, policy);
    const parents = new Set([this.root]);
    for (const [item, itsMoves] of moves) await this.carryOut(item, itsMoves, parents);
    const written = [...moves].flatMap(([item, itsMoves]) => this.writtenBy(item, itsMoves));
    const staging = await this.leaveStaging();
    if (staging) await removeFolder(staging);
    return written;
  }

  async discard(): Promise<void> {
    const staging = await this.leaveStaging();
    if (staging) await (this.keeper ? this.keeper.keep(staging) : removeFolder(staging));
    const outermost = this.firstFolderMade;
    this.firstFolderMade = undefined;
    if (outermost === undefined) return;
    for (let at = this.root; at.startsWith(outermost); at = path.dirname(at)) {
      if (!(await removedEmpty(at))) return;
    }
  }

  private async plan(
    whole: readonly StagedFile[],
    policy: ConflictPolicy,
  ): Promise<ReadonlyMap<StagedFile, readonly Move[]>> {
    const staging = await this.staging;
    const isAllNew = await this.hasNothingBut(staging ? [path.basename(staging.path)] : []);
    const moves = new Map<StagedFile, readonly Move[]>();
    for (const item of whole) {
      const move = { from: item.path, to: finalPath(this.root, item.file.title) };
      if (!isAllNew) await checkParents(this.root, item.file.title);
      moves.set(item, isAllNew ? [move] : await planMerge(move, policy));
    }
    return moves;
  }

  /** `parents` are folders that are known to be there, in full paths; more are added. */
  private async carryOut(
    { file, unpacked }: StagedFile,
    moves: readonly Move[],
    parents: Set<string>,
  ): Promise<void> {
    const final = finalPath(this.root, file.title);
    const parent = path.dirname(final);
    if (moves.length > 0 && !parents.has(parent))
      await onDisk(parent, () => mkdir(parent, { recursive: true }));
    parents.add(parent);
    await carryOut(moves);
    const isNew = (full: string) => moves.some(({ to }) => full === to || full.startsWith(to + path.sep));
    await giveAttributes(
      final,
      (unpacked?.folders ?? []).filter(({ relativePath }) => isNew(path.join(final, relativePath))),
    );
  }

  /** The final paths of files and links that moved, relative to the root. */
  private writtenBy({ file, unpacked }: StagedFile, moves: readonly Move[]): string[] {
    const title = cleanTitle(file.title);
    if (!unpacked) return moves.length > 0 ? [title] : [];
    const moved = new Set(moves.map(({ to }) => path.relative(this.root, to).split(path.sep).join('/')));
    return unpacked.leaves.map((leaf) => `${title}/${leaf}`).filter((leaf) => isAtOrBelow(leaf, moved));
  }

  /** A layer whose title lies in the folder of another layer is put into that folder while both are staged. */
  private async joinNested(): Promise<readonly StagedFile[]> {
    const outermost = new Map<string, StagedFile>();
    const named = this.staged.map((item) => ({ item, title: cleanTitle(item.file.title) }));
    const depth = ({ title }: { readonly title: string }) => title.split('/').length;
    for (const { item, title } of named.sort((a, b) => depth(a) - depth(b))) {
      const above = foldersAbove(title).find((folder) => outermost.has(folder)) ?? title;
      const outer = outermost.get(above);
      outermost.set(above, outer ? await joined(outer, item) : item);
    }
    return [...outermost.values()];
  }

  /** True for a root that is missing, or has at most these names in it. */
  private async hasNothingBut(names: readonly string[]): Promise<boolean> {
    const entries = (await ifExists(this.root, () => readdir(this.root))) ?? [];
    return entries.every((name) => names.includes(name));
  }

  private stagingFolder(): Promise<StagingFolder> {
    this.staging ??= this.makeStaging();
    return this.staging;
  }

  private async makeStaging(): Promise<StagingFolder> {
    const made = await onDisk(this.root, () => mkdir(this.root, { recursive: true }));
    this.firstFolderMade = made;
    return makeStagingFolder(this.root, this.keeper);
  }

  /** Forgets what was staged; the folder that it is in is the caller's to remove. */
  private async leaveStaging(): Promise<string | undefined> {
    const staging = this.staging;
    this.staging = undefined;
    this.staged = [];
    return staging?.then((made) => made.path).catch(() => undefined);
  }
}

/** `a/b/c` lies in `a` and in `a/b`. */
function foldersAbove(title: string): string[] {
  const parts = title.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** A name that tells apart what differs, and finds what is the same. */
function stagedName({ title, descriptor, unpack, mode }: PullFile): string {
  const identity = JSON.stringify([descriptor.digest, descriptor.size, title, unpack, mode ?? null]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

async function joined(outer: StagedFile, inner: StagedFile): Promise<StagedFile> {
  const rest = cleanTitle(inner.file.title).slice(cleanTitle(outer.file.title).length + 1);
  await checkParents(outer.path, rest);
  const to = finalPath(outer.path, rest);
  const moves = await planMerge({ from: inner.path, to }, 'overwrite');
  await onDisk(to, () => mkdir(path.dirname(to), { recursive: true }));
  await carryOut(moves);
  const leaves = inner.unpacked ? inner.unpacked.leaves.map((leaf) => `${rest}/${leaf}`) : [rest];
  const folders = (inner.unpacked?.folders ?? []).map((folder) => ({
    ...folder,
    relativePath: path.posix.join(rest, folder.relativePath),
  }));
  return {
    ...outer,
    unpacked: {
      leaves: [...new Set([...(outer.unpacked?.leaves ?? []), ...leaves])],
      folders: [...(outer.unpacked?.folders ?? []), ...folders],
    },
  };
}

/** Deepest first: a folder may lose the right to be entered. The umask has been applied when it was made. */
async function giveAttributes(root: string, folders: readonly FolderAttributes[]): Promise<void> {
  const deepestFirst = [...folders].sort((a, b) => b.relativePath.length - a.relativePath.length);
  for (const { relativePath, mode, mtime } of deepestFirst) {
    const full = relativePath === '' ? root : path.join(root, relativePath);
    const allowed = (await onDisk(full, () => stat(full))).mode & 0o777;
    await onDisk(full, () => utimes(full, mtime, mtime));
    if ((allowed & mode) !== allowed) await onDisk(full, () => chmod(full, allowed & mode));
  }
}

function isAtOrBelow(leaf: string, moved: ReadonlySet<string>): boolean {
  const parts = leaf.split('/');
  return parts.some((_, index) => moved.has(parts.slice(0, index + 1).join('/')));
}

async function removedEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (systemCodeOf(error) !== undefined) return false;
    throw error;
  }
}

function removeFolder(folder: string): Promise<void> {
  return onDisk(folder, () => rm(folder, { recursive: true, force: true }));
}
