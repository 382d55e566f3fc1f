import type * as vscode from 'vscode';
import { pick, pickSeveral } from '../host/pick';
import { withByteProgress } from '../host/progress';
import { platformName, type Platform } from '../oci/descriptor';
import { parseUsable } from '../oci/manifest';
import type { Reader } from '../oci/target';

/** What to ask about: `job` begins the titles, `reference` is a tag or digest, `during` says what is done meanwhile. */
export interface PlatformQuestion {
  readonly job: string;
  readonly source: Reader;
  readonly reference: string;
  readonly during: string;
}

/** The answer: one platform, or all of them. */
export interface PlatformAnswer {
  readonly platform?: Platform;
}

/** The answer: some platforms, or all of them. */
export interface PlatformsAnswer {
  readonly platforms?: readonly Platform[];
}

/**
 * Asks which platform of an index is meant, and nothing for what is no index of platforms. Undefined when dismissed.
 * Errors: those of the source.
 */
export async function askPlatform(question: PlatformQuestion): Promise<PlatformAnswer | undefined> {
  const platforms = await platformsOf(question);
  if (platforms.length === 0) return {};
  const chosen = await pickOne(question, [allOf(platforms), ...platforms.map(itemOf)]);
  return chosen && { ...(chosen.platform && { platform: chosen.platform }) };
}

/** Asks for one, several or all. Undefined when dismissed. Errors: those of the source. */
export async function askPlatforms(question: PlatformQuestion): Promise<PlatformsAnswer | undefined> {
  const platforms = await platformsOf(question);
  if (platforms.length === 0) return {};
  const several = { label: 'Several platforms…', description: 'a new index of those that you choose' };
  const more = platforms.length > 2 ? [several] : [];
  const items = [allOf(platforms), ...platforms.map(itemOf), ...more];
  const chosen = await pickOne(question, items);
  if (chosen === several) return chooseSeveral(question, platforms);
  return chosen && { ...(chosen.platform && { platforms: [chosen.platform] }) };
}

interface PlatformItem extends vscode.QuickPickItem {
  readonly platform?: Platform;
}

function pickOne(
  { job }: PlatformQuestion,
  items: readonly PlatformItem[],
): Thenable<PlatformItem | undefined> {
  return pick(items, { title: `${job}: platform`, ignoreFocusOut: true });
}

async function chooseSeveral(
  { job }: PlatformQuestion,
  platforms: readonly Platform[],
): Promise<PlatformsAnswer | undefined> {
  const items = platforms.map((platform) => ({ label: fullName(platform), platform }));
  const chosen = await pickSeveral(items, {
    title: `${job}: several of the index`,
    placeHolder:
      'A part of the index is a new index with another digest: what refers to the whole stays behind',
    ignoreFocusOut: true,
  });
  return chosen && chosen.length > 0 ? { platforms: chosen.map(({ platform }) => platform) } : undefined;
}

function allOf(platforms: readonly Platform[]): PlatformItem {
  return { label: 'All platforms', description: `${platforms.length}` };
}

function itemOf(platform: Platform): PlatformItem {
  return { label: fullName(platform), description: 'this one alone', platform };
}

/** Windows has several versions of one platform. */
function fullName(platform: Platform): string {
  const version = platform['os.version'];
  return version ? `${platformName(platform)}:${version}` : platformName(platform);
}

async function platformsOf({ source, reference, during }: PlatformQuestion): Promise<readonly Platform[]> {
  const { bytes, descriptor } = await withByteProgress(during, ({ signal }) =>
    source.readManifest(reference, { signal }),
  );
  const { manifests } = parseUsable(bytes, descriptor.mediaType);
  const known = manifests.flatMap(({ platform }) =>
    platform && platform.os !== 'unknown' ? [platform] : [],
  );
  return [...new Map(known.map((platform) => [fullName(platform), platform])).values()];
}
