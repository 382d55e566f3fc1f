import { annotationKeys } from '../oci/annotations';
import type { Descriptor, Platform } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { InvalidContentError } from '../oci/errors';
import { parseManifest, type Manifest } from '../oci/manifest';
import { isManifestType, mediaTypes } from '../oci/mediaTypes';
import type { PullFile, Reader, WaitOptions } from '../oci/target';
import { cleanTitle } from '../oci/title';
import { chosenManifest } from './resolvePlatform';

/** What a pull would write, known before a single layer is fetched. */
export interface PullPlan {
  /** What the reference stood for, pinned by the digest of its bytes. */
  readonly root: Descriptor;
  /** The manifests that were read, the root first. */
  readonly manifests: readonly Descriptor[];
  readonly files: readonly PullFile[];
  /** Layers without a title: content, but no file. */
  readonly skipped: readonly Descriptor[];
  /** The sum of all files' layers. */
  readonly totalBytes: number;
}

/** `platform` picks one manifest of an index; without it all are pulled. */
export interface PlanPullOptions extends WaitOptions {
  readonly platform?: Platform;
}

/** How deep indexes may hold indexes. */
const MAX_DEPTH = 16;
/** How many manifests one pull reads. */
const MAX_MANIFESTS = 2_000;
/** How many layers one pull takes. */
const MAX_LAYERS = 100_000;

/**
 * Finds the files behind a tag or digest. Errors: InvalidContentError (two contents under one title, no manifest for
 * the platform, a graph past its bounds), NotFoundError, ContentMismatchError. Source: `oras pull`.
 */
export async function planPull(
  source: Reader,
  reference: string,
  options: PlanPullOptions = {},
): Promise<PullPlan> {
  const walk = new PullWalk(source, options);
  const root = await walk.visit(reference, 0);
  return walk.plan(root);
}

class PullWalk {
  private readonly manifests = new Map<Digest, Descriptor>();
  private readonly fileByTitle = new Map<string, PullFile>();
  private readonly skipped: Descriptor[] = [];
  private layerCount = 0;

  constructor(
    private readonly source: Reader,
    private readonly options: PlanPullOptions,
  ) {}

  plan(root: Descriptor): PullPlan {
    const files = [...this.fileByTitle.values()];
    const totalBytes = files.reduce((total, { descriptor }) => total + descriptor.size, 0);
    return { root, manifests: [...this.manifests.values()], files, skipped: this.skipped, totalBytes };
  }

  async visit(reference: string, depth: number): Promise<Descriptor> {
    const { descriptor, bytes } = await this.source.readManifest(reference, this.options);
    if (this.manifests.has(descriptor.digest)) return descriptor;
    this.manifests.set(descriptor.digest, descriptor);
    if (depth > MAX_DEPTH) throw unusable(reference, `indexes lie in each other more than ${MAX_DEPTH} deep`);
    if (this.manifests.size > MAX_MANIFESTS)
      throw unusable(reference, `it leads to more than ${MAX_MANIFESTS} manifests`);
    const manifest = parseManifest(bytes, descriptor.mediaType);
    for (const layer of manifest.layers) this.take(layer, reference);
    for (const child of this.chosen(manifest, reference)) {
      if (!isManifestType(child.mediaType)) this.take(child, reference);
      else if (!this.manifests.has(child.digest)) await this.visit(child.digest, depth + 1);
    }
    return descriptor;
  }

  private take(descriptor: Descriptor, reference: string): void {
    if (++this.layerCount > MAX_LAYERS) throw unusable(reference, `it has more than ${MAX_LAYERS} layers`);
    const title = descriptor.annotations?.[annotationKeys.title] ?? '';
    if (title !== '') this.addFile(title, descriptor);
    else if (descriptor.mediaType !== mediaTypes.ociEmpty) this.skipped.push(descriptor);
  }

  /** The same content twice under one title is one file. */
  private addFile(title: string, descriptor: Descriptor): void {
    const key = cleanTitle(title);
    const known = this.fileByTitle.get(key);
    if (known && known.descriptor.digest !== descriptor.digest)
      throw new InvalidContentError(
        `The title "${title}"`,
        `two layers with different content have it (${known.descriptor.digest} and ${descriptor.digest})`,
      );
    const unpack = descriptor.annotations?.[annotationKeys.contentUnpack] === 'true';
    if (!known) this.fileByTitle.set(key, { title, descriptor, unpack });
  }

  private chosen(manifest: Manifest, reference: string): readonly Descriptor[] {
    const { platform } = this.options;
    if (!platform || manifest.manifests.length === 0) return manifest.manifests;
    return [chosenManifest(manifest, platform, reference)];
  }
}

function unusable(reference: string, reason: string): InvalidContentError {
  return new InvalidContentError(`"${reference}"`, reason);
}
