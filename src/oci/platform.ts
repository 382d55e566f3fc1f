import type { Platform } from './descriptor';
import { InvalidContentError } from './errors';

/**
 * Reads `os/architecture[/variant][:os_version]`, as `oras --platform` takes it. Errors: InvalidContentError.
 */
export function parsePlatform(text: string): Platform {
  const [place = '', osVersion = ''] = splitOnce(text, ':');
  const [os = '', architecture = '', variant = '', ...rest] = place.split('/');
  if (os === '' || architecture === '' || rest.length > 0)
    throw new InvalidContentError(`The platform "${text}"`, 'it has the form os/architecture[/variant]');
  return orderedPlatform({
    architecture,
    os,
    ...(osVersion && { 'os.version': osVersion }),
    ...(variant && { variant }),
  });
}

/** A platform with its keys in Go's order and empty members left out. */
export function orderedPlatform(platform: Platform): Platform {
  const { architecture, os, 'os.version': version, 'os.features': features, variant } = platform;
  return {
    architecture,
    os,
    ...(version && { 'os.version': version }),
    ...(features?.length && { 'os.features': features }),
    ...(variant && { variant }),
  };
}

/** True when what is made for `offered` runs on `wanted`; see `platformDistance`. */
export function platformMatches(offered: Platform, wanted: Platform): boolean {
  return platformDistance(offered, wanted) !== undefined;
}

/** Those of `offered` that are nearest to `wanted`, in their order; none where none runs on it. */
export function nearestPlatforms<T extends { readonly platform?: Platform }>(
  offered: readonly T[],
  wanted: Platform,
): readonly T[] {
  const distances = offered.map(({ platform }) => platform && platformDistance(platform, wanted));
  const nearest = Math.min(...distances.flatMap((distance) => distance ?? []));
  return offered.filter((_, at) => distances[at] === nearest);
}

/**
 * Those of `offered` that an index keeps for `wanted`: each where a member that `wanted` leaves open has any value, as
 * `oras cp --platform` takes them; the nearest where there is none.
 */
export function keptPlatforms<T extends { readonly platform?: Platform }>(
  offered: readonly T[],
  wanted: Platform,
): readonly T[] {
  const open = offered.filter(({ platform }) => platform && fitsOpenMembers(platform, wanted));
  return open.length > 0 ? open : nearestPlatforms(offered, wanted);
}

function fitsOpenMembers(offered: Platform, wanted: Platform): boolean {
  const members = ['os', 'architecture', 'variant', 'os.version'] as const;
  return members.every((member) => !wanted[member] || offered[member] === wanted[member]);
}

/**
 * How far `offered` is from `wanted`: 0 where both are written alike, 1 where both mean the same, more for each level of
 * the processor that `offered` does not use; undefined where it does not run there. An OS version that `wanted` leaves
 * open matches any. Source: containerd's platforms package (`Normalize`, `Only`), without its other architectures.
 */
export function platformDistance(offered: Platform, wanted: Platform): number | undefined {
  const version = wanted['os.version'];
  if (version && offered['os.version'] !== version) return undefined;
  if (isWrittenAlike(offered, wanted)) return 0;
  const [has, asks] = [normalized(offered), normalized(wanted)];
  if (has.os !== asks.os || has.architecture !== asks.architecture) return undefined;
  const levels = levelsBelow(has, asks);
  return levels === undefined ? undefined : 1 + levels;
}

function isWrittenAlike(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && (a.variant ?? '') === (b.variant ?? '');
}

interface NormalPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

/** Other words for an architecture, with the variant that some of them stand for. */
const ARCHITECTURES: ReadonlyMap<string, readonly [string, string?]> = new Map([
  ['i386', ['386']],
  ['x86_64', ['amd64']],
  ['x86-64', ['amd64']],
  ['aarch64', ['arm64']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
]);

/** The variant that an architecture has where none is said. */
const FIRST_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['amd64', 'v1'],
  ['arm', 'v7'],
  ['arm64', 'v8'],
]);

function normalized({ os, architecture, variant = '' }: Platform): NormalPlatform {
  const word = architecture.toLowerCase();
  const [name, meant] = ARCHITECTURES.get(word) ?? [word];
  const own =
    meant ??
    variant
      .toLowerCase()
      .replace(/^(?=\d)/, 'v')
      .replace(/\.0$/, '');
  const system = os.toLowerCase();
  return {
    os: system === 'macos' ? 'darwin' : system,
    architecture: name,
    variant: own || (FIRST_VARIANTS.get(name) ?? ''),
  };
}

/** How many levels `has` lies below `asks`; undefined where it lies above, or beside it. */
function levelsBelow(has: NormalPlatform, asks: NormalPlatform): number | undefined {
  if (has.variant === asks.variant) return 0;
  if (!FIRST_VARIANTS.has(has.architecture)) return asks.variant === '' ? 1 : undefined;
  const [low, high] = [levelOf(has), levelOf(asks)];
  return low && high && low.major <= high.major && low.level < high.level
    ? high.level - low.level
    : undefined;
}

/** Armv9.0 has all that Armv8.5 has; elsewhere each major version is a level. */
function levelOf({ architecture, variant }: NormalPlatform) {
  const match = /^v(\d{1,2})(?:\.(\d{1,2}))?$/.exec(variant);
  if (!match) return undefined;
  const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)];
  return { major, level: (architecture === 'arm64' ? 5 : 100) * major + minor };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
