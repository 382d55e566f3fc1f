import { pipeline } from 'node:stream/promises';
import type { Descriptor } from '../../oci/descriptor';
import { VerifyingStream, type Digest } from '../../oci/digest';
import { InvalidContentError, InvalidReferenceError } from '../../oci/errors';
import { MAX_MANIFEST_BYTES, parseManifest } from '../../oci/manifest';
import { isManifestType } from '../../oci/mediaTypes';
import { tagProblem } from '../../oci/reference';
import type { ContentSource, ManifestContent, TransferOptions, WaitOptions, Writer } from '../../oci/target';
import type { IndexDraft } from './indexDraft';
import type { IndexSnapshot } from './indexSnapshot';
import type { StoredBlobs } from './layoutSource';
import type { LayoutStore } from './layoutStore';
import { missingBlob, type MissingBlob } from './missingBlob';

/**
 * `check` runs while nothing else changes the layout, before the manifest is there; what it throws keeps it out. It stands
 * in place of the check that what a new manifest names is there.
 */
export interface PutOptions extends WaitOptions {
  readonly check?: (blobs: StoredBlobs) => Promise<void>;
}

/** Writes blobs and manifests into a layout, which is made when it is not there yet. */
export class LayoutWriter implements Writer {
  constructor(private readonly store: LayoutStore) {}

  /** A manifest is listed in index.json as well. Errors: ContentMismatchError, InvalidContentError. */
  async push(descriptor: Descriptor, content: ContentSource, options: TransferOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (isManifestType(descriptor.mediaType)) {
      const bytes = await readWhole(descriptor, content, options);
      return this.putManifest({ descriptor, bytes }, [], options);
    }
    await this.store.ensure();
    if ((await this.store.blobs.claim(descriptor.digest)) === descriptor.size) return;
    await this.store.blobs.write(descriptor, await content.open(options), options);
  }

  /** Errors: InvalidReferenceError. */
  tag(manifest: ManifestContent, tag: string, options: WaitOptions = {}): Promise<void> {
    return this.putManifest(manifest, [tag], options);
  }

  /**
   * Stores a manifest and points tags at it, in one change of index.json. Without tags it is listed untagged, unless
   * it has tags already. Errors: InvalidReferenceError, for a tag that is none; InvalidContentError for a new manifest
   * whose config or layers are not there; those of `check`.
   */
  async putManifest(
    { descriptor, bytes }: ManifestContent,
    tags: readonly string[],
    options: PutOptions = {},
  ): Promise<void> {
    tags.forEach(refuseUnusable);
    options.signal?.throwIfAborted();
    await this.store.ensure();
    const staged = await this.store.blobs.stage(descriptor, bytes);
    const prepare = async (now: IndexSnapshot) => {
      if (options.check) await options.check(this.store.blobs);
      else if (!now.findDigest(descriptor.digest)) await this.refuseIncomplete({ descriptor, bytes });
      // The file first, so that what index.json lists is there.
      await staged.adopt();
    };
    const left = new Set<Digest>();
    const apply = (draft: IndexDraft) => {
      draft.list(descriptor);
      for (const tag of tags) {
        const before = draft.findTag(tag);
        if (draft.setTag(tag, descriptor) && before) left.add(before);
      }
    };
    const finish = () => this.store.claimUntagged(left);
    try {
      await this.store.index.edit({ prepare, apply, finish }, options);
    } finally {
      await staged.discard();
    }
  }

  /** Behind the lock: what is there by now is not taken for unused any more. */
  private async refuseIncomplete({
    descriptor: { mediaType, digest },
    bytes,
  }: ManifestContent): Promise<void> {
    if (!isManifestType(mediaType)) return;
    const missing = await missingBlob(this.store.blobs, parseManifest(bytes, mediaType));
    if (missing) throw new InvalidContentError(`Manifest ${digest}`, reasonOf(missing, this.store.root));
  }
}

function reasonOf({ descriptor: { digest, size }, actualSize }: MissingBlob, root: string): string {
  if (actualSize === undefined) return `it names ${digest}, which is not in "${root}"; push it again`;
  return `it gives ${digest} ${size} bytes, but the blob in "${root}" has ${actualSize}`;
}

/** Errors: ContentMismatchError, InvalidContentError. */
async function readWhole(
  descriptor: Descriptor,
  content: ContentSource,
  options: TransferOptions,
): Promise<Buffer> {
  const { digest, size } = descriptor;
  if (size > MAX_MANIFEST_BYTES) {
    throw new InvalidContentError(`Manifest ${digest}`, `it is larger than ${MAX_MANIFEST_BYTES} bytes`);
  }
  const chunks: Buffer[] = [];
  const source = await content.open(options);
  const gather = async (verified: AsyncIterable<Buffer>) => {
    for await (const chunk of verified) {
      chunks.push(chunk);
      options.onBytes?.(chunk.length);
    }
  };
  try {
    await pipeline(source, new VerifyingStream(descriptor, 'the source'), gather, {
      ...(options.signal && { signal: options.signal }),
    });
  } catch (error) {
    throw options.signal?.aborted ? options.signal.reason : error;
  }
  return Buffer.concat(chunks);
}

function refuseUnusable(tag: string): void {
  const problem = tagProblem(tag);
  if (problem !== undefined) throw new InvalidReferenceError(tag, 'tag', problem);
}
