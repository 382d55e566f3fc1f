import { buffer } from 'node:stream/consumers';
import type { Descriptor, Platform } from '../oci/descriptor';
import { InvalidContentError } from '../oci/errors';
import { MAX_MANIFEST_BYTES, parseManifest, parseUsable, type Manifest } from '../oci/manifest';
import type { ManifestContent, Reader, Remover, WaitOptions, Writer } from '../oci/target';
import { descriptorOf } from './artifactManifest';
import { bytesContent } from './bytesContent';
import { copyStep } from './copyStep';
import { openContent } from './embeddedContent';
import { MAX_CONFIG_BYTES, resolvePlatform } from './resolvePlatform';
import { goesWithTag, requireTag, tagManifest } from './tag';
import { waitOptions } from './waitOptions';

/** `platform` picks one manifest of an index. */
export interface FetchManifestOptions extends WaitOptions {
  readonly platform?: Platform;
}

/** A manifest's exact bytes, and what is in it. */
export interface FetchedManifest extends ManifestContent {
  readonly manifest: Manifest;
}

/** What to push as a manifest. `mediaType` is taken from the text where it says so itself. */
export interface PushManifestOptions extends WaitOptions {
  readonly mediaType?: string;
  readonly tags: readonly string[];
}

/** Reads a manifest. Errors: NotFoundError, InvalidContentError. */
export async function fetchManifest(
  source: Reader,
  reference: string,
  options: FetchManifestOptions = {},
): Promise<FetchedManifest> {
  const { digest } = options.platform
    ? await resolvePlatform(source, reference, options)
    : { digest: reference };
  const content = await source.readManifest(digest, waitOptions(options));
  return { ...content, manifest: parseUsable(content.bytes, content.descriptor.mediaType) };
}

/** Reads the config of an image manifest into memory. Errors: NotFoundError, InvalidContentError (none, or too large). */
export async function fetchConfig(
  source: Reader,
  reference: string,
  options: FetchManifestOptions = {},
): Promise<{ readonly descriptor: Descriptor; readonly bytes: Uint8Array }> {
  const { config } = (await fetchManifest(source, reference, options)).manifest;
  if (!config) throw new InvalidContentError(`"${reference}"`, 'it has no config');
  if (config.size > MAX_CONFIG_BYTES)
    throw new InvalidContentError(
      `The config ${config.digest}`,
      `it is larger than ${MAX_CONFIG_BYTES} bytes`,
    );
  return { descriptor: config, bytes: await buffer(await openContent(source, config, waitOptions(options))) };
}

/**
 * Pushes bytes as a manifest, as they are, and tags it. Errors: InvalidContentError for what is no manifest,
 * InvalidReferenceError; those of the target: registries refuse a manifest whose blobs they lack.
 */
export async function pushManifest(
  target: Writer,
  bytes: Uint8Array,
  options: PushManifestOptions,
): Promise<Descriptor> {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new InvalidContentError('The manifest', `it is larger than ${MAX_MANIFEST_BYTES} bytes`);
  const { mediaType } = parseManifest(bytes, options.mediaType);
  const content = { descriptor: descriptorOf(mediaType, bytes), bytes };
  await pushManifestContent(target, content, options);
  return content.descriptor;
}

/** Pushes a manifest with its tags, by its digest where it has none. Errors: InvalidReferenceError; those of the target; CopyError. */
export async function pushManifestContent(
  target: Writer,
  manifest: ManifestContent,
  options: WaitOptions & { readonly tags: readonly string[] },
): Promise<void> {
  options.tags.forEach(requireTag);
  const { descriptor, bytes } = manifest;
  const step = { side: 'destination', step: 'Sending the manifest', digest: descriptor.digest } as const;
  const isFirst = !goesWithTag(manifest, options.tags);
  const first = { ...waitOptions(options), show: true };
  if (isFirst) await copyStep(step, () => target.push(descriptor, bytesContent(bytes), first));
  await tagManifest(target, manifest, { ...options, show: !isFirst });
}

/** Deletes a manifest and every tag on it; see `planDelete`. Errors: NotFoundError, UnsupportedError. */
export async function deleteManifest(
  target: Reader & Remover,
  reference: string,
  options: WaitOptions = {},
): Promise<Descriptor> {
  const descriptor = await target.resolve(reference, waitOptions(options));
  await target.remove(descriptor, waitOptions(options));
  return descriptor;
}
