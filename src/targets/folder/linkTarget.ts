import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { LinkStepsError } from '../../oci/errors';
import { Pace } from '../../oci/pace';
import { MAX_PATH_PARTS, pathBoundProblem } from '../../oci/pathBounds';
import type { WaitOptions } from '../../oci/target';
import { windowsNameProblem } from '../../oci/title';
import { asFileError, systemCodeOf } from './fileError';

/** Systems follow no more on the way to one file. Source: Linux, MAXSYMLINKS. */
const MAX_LINKS_FOLLOWED = 40;
/** How many parts of links' targets are looked at for one folder or archive. */
export const MAX_LINK_STEPS = 4_000_000;
const NO_LINK: readonly (string | undefined)[] = ['EINVAL', 'ENOENT', 'ENOTDIR', 'UNKNOWN'];

/** Tells where the link at a path, in parts below the folder, points; undefined for what is no link. */
export type LinkReader = (parts: readonly string[]) => Promise<string | undefined> | string | undefined;

/** How links are followed. `where` names the folder or archive in errors; `platform` decides how targets are read. */
export interface LinkRules extends WaitOptions {
  readonly where: string;
  readonly platform: NodeJS.Platform;
  readonly mostSteps?: number;
}

/** Where a link leads, in parts below the folder, and over how many links; or why it leads nowhere in it. */
type End = { readonly at: readonly string[]; readonly followed: number } | { readonly problem: string };

/** Follows the links of one folder or archive, and remembers where each leads, so that each is followed once. */
export class LinkResolver {
  private readonly known = new Map<string, End>();
  private readonly open = new Set<string>();
  private readonly pace: Pace;
  private steps = 0;

  constructor(
    private readonly readLink: LinkReader,
    private readonly rules: LinkRules,
  ) {
    this.pace = new Pace(rules.signal);
  }

  /**
   * Why following `link` (relative to the folder, with `/`) would leave the folder, as the end of a sentence; undefined
   * when it stays inside. Links on the way are followed too, so a chain of harmless-looking links is seen through.
   * Errors: LinkStepsError, the abort reason, those of the reader.
   */
  async problem(link: string, target: string): Promise<string | undefined> {
    const end = await this.endOf(link.split('/'), target);
    return 'problem' in end ? `it links to "${target}", ${end.problem}` : undefined;
  }

  private async endOf(link: readonly string[], target: string): Promise<End> {
    const key = link.join('/');
    const known = this.known.get(key);
    if (known) return known;
    if (this.open.has(key)) return { problem: 'which is a loop of links' };
    if (this.open.size >= MAX_LINKS_FOLLOWED) return tooManyLinks();
    this.open.add(key);
    const end = await this.follow(link.slice(0, -1), target);
    this.open.delete(key);
    this.known.set(key, end);
    return end;
  }

  private async follow(folder: readonly string[], target: string): Promise<End> {
    const parts = partsOf(target, this.rules.platform);
    if (!Array.isArray(parts)) return parts;
    const way = { at: [...folder], followed: 1 };
    for (const part of parts) {
      await this.step();
      const problem = part === '..' ? leave(way.at) : await this.enter(way, part);
      if (problem) return { problem };
    }
    return way;
  }

  private async enter(way: { at: string[]; followed: number }, part: string): Promise<string | undefined> {
    way.at.push(part);
    if (way.at.length > MAX_PATH_PARTS) return `which leads to a path of more than ${MAX_PATH_PARTS} parts`;
    const target = await this.readLink(way.at);
    if (target === undefined) return undefined;
    const end = await this.endOf(way.at, target);
    if ('problem' in end) return end.problem;
    way.at = [...end.at];
    way.followed += end.followed;
    return way.followed > MAX_LINKS_FOLLOWED ? tooManyLinks().problem : undefined;
  }

  private step(): Promise<void> | undefined {
    const { mostSteps = MAX_LINK_STEPS, where } = this.rules;
    if (++this.steps > mostSteps) throw new LinkStepsError(where, mostSteps);
    return this.pace.step();
  }
}

/** Reads the links of a folder on disk. Errors of the reader: FileError. */
export function linkReaderOf(folder: string): LinkReader {
  return async (parts) => {
    const full = path.join(folder, ...parts);
    try {
      return await readlink(full);
    } catch (error) {
      if (NO_LINK.includes(systemCodeOf(error))) return undefined;
      throw asFileError(full, error);
    }
  };
}

/** The parts of a relative target without `.`. */
function partsOf(target: string, platform: NodeJS.Platform): string[] | { readonly problem: string } {
  const isWindows = platform === 'win32';
  const tooLarge = pathBoundProblem(target, platform);
  if (tooLarge) return { problem: `but ${tooLarge}` };
  const absolute = isWindows ? /^(?:[\\/]|[a-zA-Z]:)/ : /^\//;
  if (absolute.test(target)) return { problem: 'an absolute path' };
  const parts = target.split(isWindows ? /[\\/]/ : '/').filter((part) => part !== '' && part !== '.');
  const names = isWindows ? parts.filter((part) => part !== '..') : [];
  const problem = names.map(windowsNameProblem).find((found) => found !== undefined);
  return problem === undefined ? parts : { problem: `but ${problem}` };
}

function leave(at: string[]): string | undefined {
  return at.pop() === undefined ? 'outside of the folder' : undefined;
}

function tooManyLinks(): { readonly problem: string } {
  return { problem: `which leads over more than ${MAX_LINKS_FOLLOWED} links` };
}
