import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Pace } from '../../oci/pace';
import { isFolderItself, titleParts } from '../../oci/title';
import type { StagingKeeper } from '../../oci/transferStore';
import type { ConflictPolicy, FileSink, PullFile, StageOptions, WaitOptions } from '../../oci/target';
import { ifExists, onDisk, systemCodeOf } from './fileError';
import { giveAttributes, keepExecutable } from './givePermissions';
import { joinNested } from './joinNested';
import { OpenedSources } from './openedSources';
import { archivePath, receiveLayer, type StagedFile } from './receiveLayer';
import { carryOut, MovedPaths, planContentMerge, planMerge, type MergeOptions, type Move } from './mergePlan';
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
  async commit(policy: ConflictPolicy, { signal }: WaitOptions = {}): Promise<readonly string[]> {
    const pace = new Pace(signal);
    const files = this.staged.map(({ file }) => file);
    await checkTitles(files, this.platform, signal);
    const modeless = new Set(files.filter(isWithoutMode).map(({ title }) => finalPath(this.root, title)));
    const whole = await joinNested(this.staged, pace);
    const plans = await this.plan(whole, { policy, pace });
    signal?.throwIfAborted();
    const parents = new Set([this.root]);
    const written: string[] = [];
    for (const [item, moves] of plans) {
      for (const move of moves) if (modeless.has(move.to)) await keepExecutable(move);
      for (const leaf of await this.carryOut(item, moves, parents)) written.push(leaf);
    }
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
    options: MergeOptions,
  ): Promise<ReadonlyMap<StagedFile, readonly Move[]>> {
    const staging = await this.staging;
    const isAllNew = await this.hasNothingBut(staging ? [path.basename(staging.path)] : []);
    const plans = new Map<StagedFile, readonly Move[]>();
    for (const item of whole) {
      const { title } = item.file;
      const move = { from: item.path, to: finalPath(this.root, title) };
      if (isFolderItself(title)) {
        plans.set(item, await planContentMerge(move, options));
        continue;
      }
      if (!isAllNew) await checkParents(this.root, title);
      plans.set(item, isAllNew ? [move] : await planMerge(move, options));
    }
    return plans;
  }

  /**
   * Returns the final paths of files and links that moved, relative to the root. `parents` are folders that are known to
   * be there, in full paths; more are added.
   */
  private async carryOut(
    { file, unpacked }: StagedFile,
    moves: readonly Move[],
    parents: Set<string>,
  ): Promise<readonly string[]> {
    const final = finalPath(this.root, file.title);
    const parent = path.dirname(final);
    if (moves.length > 0 && !parents.has(parent))
      await onDisk(parent, () => mkdir(parent, { recursive: true }));
    parents.add(parent);
    await carryOut(moves);
    const title = titleParts(file.title).join('/');
    if (!unpacked) return moves.length > 0 ? [title] : [];
    const below = (relativePath: string) => [title, relativePath].filter((each) => each !== '').join('/');
    const moved = new MovedPaths(this.root, moves);
    const folders = unpacked.folders.filter(({ relativePath }) => moved.includes(below(relativePath)));
    await giveAttributes(final, folders);
    return unpacked.leaves.map(below).filter((leaf) => moved.includes(leaf));
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

/** Of a single file alone: an archive says the modes of what is in it. */
function isWithoutMode({ unpack, mode }: PullFile): boolean {
  return !unpack && mode === undefined;
}

/** A name that tells apart what differs, and finds what is the same. */
function stagedName({ title, descriptor, unpack, mode }: PullFile): string {
  const identity = JSON.stringify([descriptor.digest, descriptor.size, title, unpack, mode ?? null]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
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
