import { buffer } from 'node:stream/consumers';
import { platformName, type Descriptor, type Platform } from '../oci/descriptor';
import { InvalidContentError } from '../oci/errors';
import { parseConfigPlatform, parseUsable, type Manifest } from '../oci/manifest';
import { isImageConfigType, isIndexType } from '../oci/mediaTypes';
import { nearestPlatforms, platformMatches } from '../oci/platform';
import type { Reader, WaitOptions } from '../oci/target';
import { openContent } from './embeddedContent';
import { waitOptions } from './waitOptions';

/** The largest image config that is read for its platform, in bytes. Source: `oras` has the same bound. */
export const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** `platform` picks one manifest of an index; without it a reference stands for what it names. */
export interface PlatformOptions extends WaitOptions {
  readonly platform?: Platform;
}

/**
 * What a tag or digest stands for, on one platform: the index's manifest for it, or the image itself when its config
 * names the platform. Errors: InvalidContentError when there is none; NotFoundError.
 */
export async function resolvePlatform(
  source: Reader,
  reference: string,
  options: PlatformOptions,
): Promise<Descriptor> {
  const { platform } = options;
  const wait = waitOptions(options);
  if (!platform) return source.resolve(reference, wait);
  const { descriptor, bytes } = await source.readManifest(reference, wait);
  const manifest = parseUsable(bytes, descriptor.mediaType);
  if (isIndexType(manifest.mediaType)) return chosenManifest(manifest, platform, reference);
  await requirePlatform(source, { manifest, platform, reference }, wait);
  return descriptor;
}

/** A manifest that is no index, and the platform that it shall be for. */
export interface PlatformClaim {
  readonly manifest: Manifest;
  readonly platform: Platform;
  readonly reference: string;
}

/** Fails unless the config of an image says that it runs on the platform. Errors: InvalidContentError. Source: `oras`. */
export async function requirePlatform(
  source: Reader,
  { manifest, platform, reference }: PlatformClaim,
  wait: WaitOptions,
): Promise<void> {
  const own = await configPlatform(source, manifest, wait);
  if (own && platformMatches(own, platform)) return;
  const has = own ? `it is for ${platformName(own)}, not` : 'it names no platform, so it cannot be had for';
  throw new InvalidContentError(`"${reference}"`, `${has} ${platformName(platform)}`);
}

/** The manifest of an index that is nearest to a platform. Errors: InvalidContentError that lists what it has. */
export function chosenManifest({ manifests }: Manifest, platform: Platform, reference: string): Descriptor {
  const [match] = nearestPlatforms(manifests, platform);
  if (match) return match;
  const offered = manifests.flatMap((child) => (child.platform ? [platformName(child.platform)] : []));
  const list = offered.length > 0 ? offered.slice(0, 20).join(', ') : 'none that names a platform';
  throw new InvalidContentError(
    `"${reference}"`,
    `it has no manifest for ${platformName(platform)}; it has ${list}`,
  );
}

/** The platform that an image's config names; undefined for what is no image, or names none. Errors: InvalidContentError. */
export async function configPlatform(
  source: Reader,
  { config }: Manifest,
  options: WaitOptions,
): Promise<Platform | undefined> {
  if (!config || !isImageConfigType(config.mediaType)) return undefined;
  if (config.size > MAX_CONFIG_BYTES)
    throw new InvalidContentError(
      `The config ${config.digest}`,
      `it is larger than ${MAX_CONFIG_BYTES} bytes`,
    );
  const text = (await buffer(await openContent(source, config, options))).toString('utf8');
  const platform = parseConfigPlatform(jsonOf(text));
  return platform && (platform.architecture || platform.os) ? platform : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
