import path from 'node:path';
import { platformName, type Platform } from '../oci/descriptor';
import { hexOf, shortDigest, type Digest } from '../oci/digest';
import { InvalidContentError } from '../oci/errors';
import type { PullFile } from '../oci/target';
import { cleanTitle } from '../oci/title';

/** A file as its artifact names it. */
export interface TitledFile extends PullFile {
  /** The platform that it is for, where it stands below an index. */
  readonly platform?: Platform | undefined;
  /** The title is the caller's, and stays. */
  readonly isFixed?: boolean;
}

/** A file, and the title that it gets. */
export interface NamedFile {
  readonly file: TitledFile;
  readonly title: string;
}

/**
 * Files that can be written side by side. One content under one title is one file; where several contents have a title,
 * each gets its platform, else its digest, into its name: `tool-linux-arm64.exe`, `model-3e23e8160039.py`.
 */
export function apartByTitle(files: readonly TitledFile[]): readonly NamedFile[] {
  const groups = [...grouped(files, (file) => [keyOf(file)]).values()].map(distinct);
  const kept = groups.flatMap((group) => group.filter((file) => group.length === 1 || file.isFixed));
  const taken = new Set(kept.map(keyOf));
  return groups.flatMap((group) => group.map((file) => ({ file, title: nameWithin(group, file, taken) })));
}

/**
 * Those of them that are wanted. A title that several share stands for all of these, and each of their longer names for
 * one. Errors: InvalidContentError for a title that is not there; `root` names the artifact.
 */
export function narrowedTo(
  named: readonly NamedFile[],
  titles: readonly string[],
  root: Digest,
): readonly NamedFile[] {
  const find = finder(named);
  const found = new Map<TitledFile, NamedFile>();
  for (const title of titles.map(cleanTitle)) {
    const matches = find(title);
    if (matches.length === 0) throw new InvalidContentError(`"${root}"`, `there is no file "${title}" in it`);
    for (const match of matches) if (!found.has(match.file)) found.set(match.file, match);
  }
  return named.flatMap(({ file }) => found.get(file) ?? []);
}

/** A file that is told apart among many may be alone among few: its longer name finds it all the same, and stays. */
function finder(named: readonly NamedFile[]): (title: string) => readonly NamedFile[] {
  const exact = grouped(named, ({ title }) => [cleanTitle(title)]);
  const shared = grouped(named, ({ file }) => (file.isFixed ? [] : [keyOf(file)]));
  const marked = grouped(named, ({ file }) => marksOf(file).map((mark) => withMark(file.title, mark)));
  return (title) => {
    const known = exact.get(title) ?? shared.get(title);
    return known ?? (marked.get(title) ?? []).slice(0, 1).map(({ file }) => ({ file, title }));
  };
}

function grouped<T>(
  items: readonly T[],
  keysOf: (item: T) => readonly string[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const key of keysOf(item)) {
      const group = groups.get(key);
      if (group) group.push(item);
      else groups.set(key, [item]);
    }
  }
  return groups;
}

/** The first of each content; the caller's own name comes first. */
function distinct(group: readonly TitledFile[]): readonly TitledFile[] {
  const byDigest = new Map<Digest, TitledFile>();
  for (const file of group) {
    const known = byDigest.get(file.descriptor.digest);
    if (!known || (file.isFixed && !known.isFixed)) byDigest.set(file.descriptor.digest, file);
  }
  return [...byDigest.values()];
}

function nameWithin(group: readonly TitledFile[], file: TitledFile, taken: Set<string>): string {
  if (group.length === 1 || file.isFixed) return file.title;
  const names = marksFor(group, file).map((mark) => withMark(file.title, mark));
  const free =
    names.find((name) => !taken.has(cleanTitle(name))) ?? numbered(names.at(-1) ?? file.title, taken);
  taken.add(cleanTitle(free));
  return free;
}

/** Another layer may have even the longest name for its title. */
function numbered(name: string, taken: ReadonlySet<string>): string {
  for (let count = 2; ; count++) {
    const candidate = withMark(name, String(count));
    if (!taken.has(cleanTitle(candidate))) return candidate;
  }
}

/** The platform counts only where it tells all of a group apart. */
function marksFor(group: readonly TitledFile[], file: TitledFile): readonly string[] {
  const platforms = new Set(group.flatMap(({ platform }) => platformMark(platform) ?? []));
  const [platform, ...digests] = marksOf(file);
  return platforms.size === group.length && platform !== undefined
    ? [platform, ...digests]
    : marksOfDigest(file);
}

function marksOf(file: TitledFile): readonly string[] {
  return [platformMark(file.platform) ?? [], marksOfDigest(file)].flat();
}

function marksOfDigest({ descriptor: { digest } }: TitledFile): readonly string[] {
  return [shortDigest(digest), hexOf(digest)];
}

/** A registry says what the platform is: only what is harmless in a name stays. */
function platformMark(platform: Platform | undefined): string | undefined {
  if (!platform?.os || platform.os === 'unknown') return undefined;
  const name = platformName(platform).slice(0, 64);
  return name.replace(/[^a-zA-Z0-9_]+/g, '-');
}

/** `a/model.py` becomes `a/model-MARK.py`; a folder that is the destination itself becomes one in it. */
function withMark(title: string, mark: string): string {
  const clean = cleanTitle(title);
  if (clean === '.') return mark;
  const { dir, name, ext } = path.posix.parse(clean);
  return path.posix.join(dir, `${name}-${mark}${ext}`);
}

function keyOf({ title }: PullFile): string {
  return cleanTitle(title);
}
