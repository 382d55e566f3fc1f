import { annotationKeys } from '../oci/annotations';
import type { Descriptor, Platform } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { InvalidContentError } from '../oci/errors';
import { modeOf } from '../oci/fileMode';
import { parseManifest, type Manifest } from '../oci/manifest';
import { isIndexType, isManifestType, mediaTypes } from '../oci/mediaTypes';
import type { PullFile, Reader, WaitOptions } from '../oci/target';
import { cleanTitle } from '../oci/title';
import { chosenManifest, requirePlatform } from './resolvePlatform';
import { namesFor, type NameLayer } from './untitledNames';
import { waitOptions } from './waitOptions';

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

/** What is wanted of an artifact. */
export interface PlanPullOptions extends WaitOptions {
  /** Picks one manifest of an index; without it all are pulled. */
  readonly platform?: Platform;
  /** Only layers of these types. */
  readonly mediaTypes?: readonly string[];
  /** Only these files, by their titles. */
  readonly titles?: readonly string[];
  /** The files of what it is attached to as well. */
  readonly includeSubject?: boolean;
  /** Writes the config of the first manifest that has one to this path. */
  readonly configTitle?: string;
  /** Gives a name to layers without a title; without it they are skipped, as `oras pull` does. */
  readonly nameUntitled?: { readonly repository?: string };
  /** Gives files the permissions that their annotations tell. */
  readonly keepModes?: boolean;
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
  const plan = walk.plan(root);
  return options.titles ? narrowed(plan, options.titles) : plan;
}

/** Errors: InvalidContentError for a title that is not there. */
function narrowed(plan: PullPlan, titles: readonly string[]): PullPlan {
  const wanted = new Set(titles.map(cleanTitle));
  const files = plan.files.filter(({ title }) => wanted.delete(cleanTitle(title)));
  const [absent] = wanted;
  if (absent !== undefined)
    throw new InvalidContentError(`"${plan.root.digest}"`, `there is no file "${absent}" in it`);
  return { ...plan, files, totalBytes: sizeOf(files) };
}

function sizeOf(files: readonly PullFile[]): number {
  return files.reduce((total, { descriptor }) => total + descriptor.size, 0);
}

class PullWalk {
  private readonly manifests = new Map<Digest, Descriptor>();
  private readonly fileByTitle = new Map<string, PullFile>();
  private readonly skipped: Descriptor[] = [];
  private layerCount = 0;
  private tookConfig = false;

  constructor(
    private readonly source: Reader,
    private readonly options: PlanPullOptions,
  ) {}

  plan(root: Descriptor): PullPlan {
    const files = [...this.fileByTitle.values()];
    return {
      root,
      manifests: [...this.manifests.values()],
      files,
      skipped: this.skipped,
      totalBytes: sizeOf(files),
    };
  }

  async visit(reference: string, depth: number): Promise<Descriptor> {
    const { descriptor, bytes } = await this.source.readManifest(reference, this.options);
    if (this.manifests.has(descriptor.digest)) return descriptor;
    this.manifests.set(descriptor.digest, descriptor);
    if (depth > MAX_DEPTH) throw unusable(reference, `indexes lie in each other more than ${MAX_DEPTH} deep`);
    if (this.manifests.size > MAX_MANIFESTS)
      throw unusable(reference, `it leads to more than ${MAX_MANIFESTS} manifests`);
    const manifest = parseManifest(bytes, descriptor.mediaType);
    if (depth === 0) await this.checkPlatform(manifest, reference);
    this.takeConfig(manifest);
    const nameOf = await this.namesFor(manifest);
    for (const layer of manifest.layers) this.take(layer, reference, nameOf);
    for (const child of this.chosen(manifest, reference)) {
      if (!isManifestType(child.mediaType)) this.take(child, reference, nameOf);
      else if (!this.manifests.has(child.digest)) await this.visit(child.digest, depth + 1);
    }
    const { subject } = manifest;
    const isNew = subject && this.options.includeSubject && !this.manifests.has(subject.digest);
    if (isNew) await this.visit(subject.digest, depth + 1);
    return descriptor;
  }

  private take(descriptor: Descriptor, reference: string, nameOf: NameLayer | undefined): void {
    if (++this.layerCount > MAX_LAYERS) throw unusable(reference, `it has more than ${MAX_LAYERS} layers`);
    const { mediaType } = descriptor;
    if (this.options.mediaTypes && !this.options.mediaTypes.includes(mediaType)) return;
    const title = descriptor.annotations?.[annotationKeys.title] || undefined;
    if (title !== undefined) this.addFile(title, descriptor);
    else if (mediaType === mediaTypes.ociEmpty) return;
    else if (nameOf) this.addFile(nameOf(descriptor), descriptor);
    else this.skipped.push(descriptor);
  }

  private takeConfig({ config }: Manifest): void {
    const { configTitle } = this.options;
    if (configTitle === undefined || !config || this.tookConfig) return;
    this.tookConfig = true;
    this.addFile(configTitle, config);
  }

  private async namesFor(manifest: Manifest): Promise<NameLayer | undefined> {
    const { nameUntitled, signal } = this.options;
    const isUntitled = ({ annotations }: Descriptor) => !annotations?.[annotationKeys.title];
    if (!nameUntitled || !manifest.layers.some(isUntitled)) return undefined;
    return namesFor(this.source, manifest, { ...nameUntitled, ...(signal && { signal }) });
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
    const mode = this.options.keepModes ? modeOf(descriptor.annotations) : undefined;
    if (!known) this.fileByTitle.set(key, { title, descriptor, unpack, ...(mode !== undefined && { mode }) });
  }

  private chosen(manifest: Manifest, reference: string): readonly Descriptor[] {
    const { platform } = this.options;
    if (!platform || !isIndexType(manifest.mediaType)) return manifest.manifests;
    return [chosenManifest(manifest, platform, reference)];
  }

  /** An index is narrowed to the platform; what is none has to be for it. */
  private async checkPlatform(manifest: Manifest, reference: string): Promise<void> {
    const { platform } = this.options;
    if (!platform || isIndexType(manifest.mediaType)) return;
    await requirePlatform(this.source, { manifest, platform, reference }, waitOptions(this.options));
  }
}

function unusable(reference: string, reason: string): InvalidContentError {
  return new InvalidContentError(`"${reference}"`, reason);
}
