import { annotationKeys } from '../oci/annotations';
import type { Descriptor, Platform } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { InvalidContentError } from '../oci/errors';
import { modeOf } from '../oci/fileMode';
import { parseManifest, parseUsable, type Manifest } from '../oci/manifest';
import { isIndexType, isManifestType, mediaTypes } from '../oci/mediaTypes';
import type { ManifestContent, PullFile, Reader, WaitOptions } from '../oci/target';
import { manifestOf } from './embeddedContent';
import { withoutElsewhere } from './elsewhere';
import { chosenManifest, requirePlatform } from './resolvePlatform';
import { apartByTitle, narrowedTo, type NamedFile, type TitledFile } from './sameTitles';
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
  /** Files that the source does not have, and that are fetched from elsewhere. */
  readonly leftOut?: readonly PullFile[];
  /** The sum of all files' layers. */
  readonly totalBytes: number;
}

/** What is wanted of an artifact. */
export interface PlanPullOptions extends WaitOptions {
  /** Picks one manifest of an index; without it all are pulled. */
  readonly platform?: Platform;
  /** Only layers of these types. */
  readonly mediaTypes?: readonly string[];
  /** Only these files, by their titles; a title that several have stands for all of them. */
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
 * Finds the files behind a tag or digest. Errors: InvalidContentError (no manifest for the platform, a title that is
 * not there, a graph past its bounds), NotFoundError, ContentMismatchError. Source: `oras pull`.
 */
export async function planPull(
  source: Reader,
  reference: string,
  options: PlanPullOptions = {},
): Promise<PullPlan> {
  const walk = new PullWalk(source, options);
  const root = await walk.visit({ reference }, 0);
  const { manifests, skipped, titled } = walk;
  const named = apartByTitle(titled);
  const chosen = options.titles ? narrowedTo(named, options.titles, root.digest) : named;
  const { files, leftOut } = await withoutElsewhere(source, chosen.map(pullFile), waitOptions(options));
  return {
    root,
    manifests: [...manifests.values()],
    files,
    skipped,
    ...(leftOut.length > 0 && { leftOut }),
    totalBytes: files.reduce((total, { descriptor }) => total + descriptor.size, 0),
  };
}

function pullFile({ file: { descriptor, unpack, mode }, title }: NamedFile): PullFile {
  return { title, descriptor, unpack, ...(mode !== undefined && { mode }) };
}

/** A manifest that is still to be read; `platform` is what its index says. */
interface Ahead {
  readonly reference: string;
  readonly descriptor?: Descriptor;
  readonly platform?: Platform | undefined;
}

type FileOrigin = Pick<TitledFile, 'platform' | 'isFixed'>;

class PullWalk {
  readonly manifests = new Map<Digest, Descriptor>();
  readonly titled: TitledFile[] = [];
  readonly skipped: Descriptor[] = [];
  private layerCount = 0;
  private tookConfig = false;

  constructor(
    private readonly source: Reader,
    private readonly options: PlanPullOptions,
  ) {}

  async visit(ahead: Ahead, depth: number): Promise<Descriptor> {
    const { reference } = ahead;
    const { descriptor, bytes } = await this.read(ahead);
    if (this.manifests.has(descriptor.digest)) return descriptor;
    this.manifests.set(descriptor.digest, descriptor);
    if (depth > MAX_DEPTH) throw unusable(reference, `indexes lie in each other more than ${MAX_DEPTH} deep`);
    if (this.manifests.size > MAX_MANIFESTS)
      throw unusable(reference, `it leads to more than ${MAX_MANIFESTS} manifests`);
    // One platform of an index can be had whatever the others are.
    const parse = this.options.platform ? parseUsable : parseManifest;
    const manifest = parse(bytes, descriptor.mediaType);
    if (depth === 0) await this.checkPlatform(manifest, reference);
    await this.takeFiles(manifest, ahead);
    for (const child of this.chosen(manifest, reference)) {
      if (isManifestType(child.mediaType))
        await this.visitNew(child, depth, child.platform ?? ahead.platform);
    }
    if (manifest.subject && this.options.includeSubject) await this.visitNew(manifest.subject, depth);
    return descriptor;
  }

  private async visitNew(descriptor: Descriptor, depth: number, platform?: Platform): Promise<void> {
    if (this.manifests.has(descriptor.digest)) return;
    await this.visit({ reference: descriptor.digest, descriptor, platform }, depth + 1);
  }

  private read({ reference, descriptor }: Ahead): Promise<ManifestContent> {
    if (descriptor) return manifestOf(this.source, descriptor, this.options);
    return this.source.readManifest(reference, this.options);
  }

  private async takeFiles(manifest: Manifest, ahead: Ahead): Promise<void> {
    const nameOf = await this.namesFor(manifest);
    this.takeConfig(manifest, ahead);
    const odd = this.chosen(manifest, ahead.reference).filter(({ mediaType }) => !isManifestType(mediaType));
    for (const layer of [...manifest.layers, ...odd]) this.take(layer, ahead, nameOf);
  }

  private take(descriptor: Descriptor, ahead: Ahead, nameOf?: NameLayer): void {
    if (++this.layerCount > MAX_LAYERS)
      throw unusable(ahead.reference, `it has more than ${MAX_LAYERS} layers`);
    const { mediaType } = descriptor;
    if (this.options.mediaTypes && !this.options.mediaTypes.includes(mediaType)) return;
    const title = titleOf(descriptor);
    if (title !== undefined) this.addFile(title, descriptor, ahead);
    else if (mediaType === mediaTypes.ociEmpty) return;
    else if (nameOf) this.addFile(nameOf(descriptor), descriptor, ahead);
    else this.skipped.push(descriptor);
  }

  /** A config with a title of its own is a file like any other, as `oras pull` has it. */
  private takeConfig({ config }: Manifest, ahead: Ahead): void {
    const { configTitle } = this.options;
    if (!config) return;
    const isWanted = configTitle !== undefined && !this.tookConfig;
    this.tookConfig ||= isWanted;
    if (isWanted) this.addFile(configTitle, config, { ...ahead, isFixed: true });
    else if (titleOf(config) !== undefined) this.take(config, ahead);
  }

  private async namesFor(manifest: Manifest): Promise<NameLayer | undefined> {
    const { nameUntitled, signal } = this.options;
    const isUntitled = (layer: Descriptor) => titleOf(layer) === undefined;
    if (!nameUntitled || !manifest.layers.some(isUntitled)) return undefined;
    return namesFor(this.source, manifest, { ...nameUntitled, ...(signal && { signal }) });
  }

  private addFile(title: string, descriptor: Descriptor, { platform, isFixed }: FileOrigin): void {
    const unpack = descriptor.annotations?.[annotationKeys.contentUnpack] === 'true';
    const mode = this.options.keepModes ? modeOf(descriptor.annotations) : undefined;
    this.titled.push({
      title,
      descriptor,
      unpack,
      platform,
      ...(isFixed && { isFixed }),
      ...(mode !== undefined && { mode }),
    });
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

function titleOf({ annotations }: Descriptor): string | undefined {
  return annotations?.[annotationKeys.title] || undefined;
}

function unusable(reference: string, reason: string): InvalidContentError {
  return new InvalidContentError(`"${reference}"`, reason);
}
