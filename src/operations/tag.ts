import type { Digest } from '../oci/digest';
import { InvalidReferenceError, NotFoundError } from '../oci/errors';
import { parseUsable } from '../oci/manifest';
import { tagProblem } from '../oci/reference';
import type { Descriptor } from '../oci/descriptor';
import type { ManifestContent, Reader, StoreOptions, WaitOptions, Writer } from '../oci/target';
import { copyStep } from './copyStep';
import { waitOptions } from './waitOptions';

/** The tags to set. */
export interface TagOptions extends WaitOptions {
  readonly tags: readonly string[];
}

/**
 * Points tags at what a tag or digest stands for, and returns its descriptor. Errors: InvalidReferenceError before
 * anything is asked; NotFoundError; those of the target.
 */
export async function tag(
  target: Reader & Writer,
  reference: string,
  options: TagOptions,
): Promise<Descriptor> {
  options.tags.forEach(requireTag);
  const manifest = await target.readManifest(reference, waitOptions(options));
  await tagManifest(target, manifest, options);
  return manifest.descriptor;
}

/** True for a manifest that its first tag takes along, so that it need not be sent before that. */
export function goesWithTag({ bytes, descriptor }: ManifestContent, tags: readonly string[]): boolean {
  return tags.length > 0 && parseUsable(bytes, descriptor.mediaType).subject === undefined;
}

/**
 * Stores a manifest whose content is there under tags, one after the other; with `show` the first shows it.
 * Errors: those of the destination; CopyError.
 */
export async function tagManifest(
  destination: Writer,
  manifest: ManifestContent,
  options: TagOptions & StoreOptions,
): Promise<void> {
  let { show = false } = options;
  for (const name of options.tags) {
    const step = {
      side: 'destination',
      step: `Tagging ${name}`,
      digest: manifest.descriptor.digest,
    } as const;
    const store = { ...waitOptions(options), ...(show && { show }) };
    await copyStep(step, () => destination.tag(manifest, name, store));
    show = false;
  }
}

/** What a tag points at; undefined for a tag that is not there. Errors: those of the target. */
export async function descriptorOnTag(
  target: Pick<Reader, 'resolve'>,
  tagName: string,
  wait: WaitOptions = {},
): Promise<Descriptor | undefined> {
  try {
    return await target.resolve(tagName, wait);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** The digest of the same. */
export async function digestOnTag(
  target: Pick<Reader, 'resolve'>,
  tagName: string,
  wait: WaitOptions = {},
): Promise<Digest | undefined> {
  return (await descriptorOnTag(target, tagName, wait))?.digest;
}

/** Errors: InvalidReferenceError. */
export function requireTag(name: string): void {
  const problem = tagProblem(name);
  if (problem) throw new InvalidReferenceError(name, 'tag', problem);
}
