import { canListReferrers } from '../oci/abilities';
import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { InvalidContentError, NotFoundError, UnsupportedError } from '../oci/errors';
import { parseManifest, type Manifest } from '../oci/manifest';
import { isForeignLayerType } from '../oci/foreignLayer';
import { isIndexType, isManifestType } from '../oci/mediaTypes';
import type { ManifestContent, Reader, WaitOptions } from '../oci/target';
import { eachConcurrently } from './eachConcurrently';
import { isElsewhere } from './elsewhere';
import { manifestOf } from './embeddedContent';
import { GraphBounds, tooLarge } from './graphBounds';
import { Lanes } from '../oci/lanes';
import { referrersOf } from './referrersOf';
import { taggedSignatures } from './taggedSignatures';
import { waitOptions } from './waitOptions';

/** A manifest of a graph with its bytes. Its descriptor has what stood where it was found: a platform, annotations. */
export interface GraphNode {
  readonly content: ManifestContent;
  readonly manifest: Manifest;
  readonly isRoot: boolean;
}

/** All that hangs below and, where wanted, above a manifest. */
export interface ContentGraph {
  /** Level by level: a manifest's children and its subject are in levels before its own. */
  readonly levels: readonly (readonly GraphNode[])[];
  /** Configs and layers, each once. */
  readonly blobs: readonly Descriptor[];
  /** Layers that are fetched from elsewhere, each once. */
  readonly elsewhere: readonly Descriptor[];
  /** Manifests that `isComplete` spared. */
  readonly complete: readonly Descriptor[];
  /** How many of the manifests were found as referrers, by a list or by a tag. */
  readonly referrerCount: number;
  /** The tags of what is found by its tag, as cosign keeps signatures, and what they point at. */
  readonly signatureTags: ReadonlyMap<string, Descriptor>;
}

export interface GraphOptions extends WaitOptions {
  /** Takes along what refers to each manifest, to an index's children as well, and what refers to that. */
  readonly referrers?: boolean;
  /** Takes along what cosign keeps under tags about the root, its children and what was found that way. */
  readonly signatureTags?: boolean;
  /** True for a manifest below which nothing is wanted. */
  readonly isComplete?: (manifest: Descriptor, wait: WaitOptions) => Promise<boolean>;
  /** Manifests read at once; 5 by default. */
  readonly concurrency?: number;
  /** Shared with what else is done at the same time. */
  readonly lanes?: Lanes;
  /** Shared with what else is in memory at the same time. */
  readonly bounds?: GraphBounds;
}

/** How many steps lead from the root to the farthest manifest. */
const MAX_DEPTH = 64;
const DEFAULT_CONCURRENCY = 5;

/** A manifest that is still to be read, and how it was found. */
interface Found {
  readonly descriptor: Descriptor;
  readonly as: 'root' | 'child' | 'subject' | 'referrer' | 'signature';
  /** For a referrer: what it has to refer to. */
  readonly subject?: Digest;
  /** It stands on a list that may be out of date, or under a tag that may hold anything. */
  readonly mayBeGone?: boolean;
}

/**
 * Reads the manifests that belong to a root: an index's children, subjects, referrers. Each is read once, so that
 * circles end. Errors: InvalidContentError for a graph past its bounds; UnsupportedError for a source that cannot list
 * referrers or an image of Docker's first schema; those of the source.
 */
export async function walkGraph(
  source: Reader,
  root: Descriptor,
  options: GraphOptions = {},
): Promise<ContentGraph> {
  const walk = new GraphWalk(source, options);
  let ahead: readonly Found[] = [{ descriptor: root, as: 'root' }];
  for (let depth = 0; ahead.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooLarge(`manifests lie more than ${MAX_DEPTH} deep`);
    ahead = await walk.visitAll(ahead);
  }
  return walk.graph();
}

class GraphWalk {
  private readonly seen = new Set<Digest>();
  private readonly nodes = new Map<Digest, GraphNode>();
  private readonly blobs = new Map<Digest, Descriptor>();
  private readonly elsewhere = new Map<Digest, Descriptor>();
  private readonly complete: Descriptor[] = [];
  private readonly signatureTags = new Map<string, Descriptor>();
  private referrerCount = 0;
  private readonly concurrency: number;
  private readonly lanes: Lanes;
  private readonly bounds: GraphBounds;

  constructor(
    private readonly source: Reader,
    private readonly options: GraphOptions,
  ) {
    const { concurrency = DEFAULT_CONCURRENCY, lanes = new Lanes(concurrency) } = options;
    this.concurrency = concurrency;
    this.lanes = lanes;
    this.bounds = options.bounds ?? new GraphBounds();
  }

  /** Reads these manifests and returns what they lead to. */
  async visitAll(found: readonly Found[]): Promise<readonly Found[]> {
    const fresh = found.filter(({ descriptor }) => this.isNew(descriptor));
    this.bounds.add('manifests', fresh.length);
    const jobs = { concurrency: this.concurrency, ...waitOptions(this.options) };
    const visits = eachConcurrently(fresh, jobs, (each, signal) =>
      this.lanes.run({ isSmall: true, signal }, () => this.visit(each, { signal })),
    );
    return (await visits).flat();
  }

  private get isAboutWanted(): boolean {
    return this.options.referrers === true || this.options.signatureTags === true;
  }

  graph(): ContentGraph {
    const { nodes, blobs, elsewhere, complete, referrerCount } = this;
    const there = new Set([...nodes.keys(), ...complete.map(({ digest }) => digest)]);
    const signatureTags = new Map([...this.signatureTags].filter(([, { digest }]) => there.has(digest)));
    const contents = { blobs: [...blobs.values()], elsewhere: [...elsewhere.values()] };
    return { levels: levelsOf(nodes), ...contents, complete, referrerCount, signatureTags };
  }

  private isNew({ digest }: Descriptor): boolean {
    if (this.seen.has(digest)) return false;
    this.seen.add(digest);
    return true;
  }

  private async visit(found: Found, wait: WaitOptions): Promise<readonly Found[]> {
    const { descriptor } = found;
    const isComplete = found.as !== 'referrer' && (await this.options.isComplete?.(descriptor, wait));
    if (isComplete) return this.visitComplete(found, wait);
    const node = await this.read(found, wait);
    if (!node) return [];
    this.nodes.set(descriptor.digest, node);
    if (found.as === 'referrer' || found.as === 'signature') this.referrerCount++;
    const { manifest } = node;
    for (const blob of blobsOf(manifest)) await this.addBlob(blob, wait);
    const subject = manifest.subject ? [{ descriptor: manifest.subject, as: 'subject' as const }] : [];
    return [...childrenOf(manifest), ...subject, ...(await this.about(found, wait))];
  }

  /** Nothing below it is wanted, but what refers to it may be, and to its children. */
  private async visitComplete(found: Found, wait: WaitOptions): Promise<readonly Found[]> {
    const { descriptor } = found;
    this.complete.push(descriptor);
    if (!this.isAboutWanted) return [];
    const children = isIndexType(descriptor.mediaType)
      ? childrenOf(nodeOf(await manifestOf(this.source, descriptor, wait)).manifest)
      : [];
    return [...children, ...(await this.about(found, wait))];
  }

  /** What refers to a manifest, and what is kept about it under tags. */
  private async about(found: Found, wait: WaitOptions): Promise<readonly Found[]> {
    if (!this.isAboutWanted) return [];
    const referrers = await this.referrersTo(found.descriptor, wait);
    return [...referrers, ...(await this.signaturesOf(found, wait))];
  }

  private async signaturesOf({ as, descriptor }: Found, wait: WaitOptions): Promise<readonly Found[]> {
    const isLookedFor = this.options.signatureTags && as !== 'referrer' && as !== 'subject';
    const signatures = isLookedFor ? await taggedSignatures(this.source, descriptor, wait) : [];
    for (const each of signatures) this.signatureTags.set(each.tag, each.descriptor);
    return signatures.map((each) => ({ descriptor: each.descriptor, as: 'signature', mayBeGone: true }));
  }

  /** Undefined for a subject that is not there, and for a manifest that does not refer to what it is listed with. */
  private async read(found: Found, wait: WaitOptions): Promise<GraphNode | undefined> {
    const { as, subject } = found;
    const node = await this.nodeAt(found.descriptor, wait).catch(undefinedIfGone(found));
    if (!node) return undefined;
    this.bounds.add('bytes', node.content.bytes.length);
    if (as === 'referrer' && node.manifest.subject?.digest !== subject) return undefined;
    return { ...node, isRoot: as === 'root' };
  }

  private async nodeAt(descriptor: Descriptor, wait: WaitOptions) {
    const content = await manifestOf(this.source, descriptor, wait);
    const { mediaType, digest, size } = content.descriptor;
    return nodeOf({ ...content, descriptor: { ...descriptor, mediaType, digest, size } });
  }

  private async addBlob(blob: Descriptor, wait: WaitOptions): Promise<void> {
    if (this.blobs.has(blob.digest) || this.elsewhere.has(blob.digest)) return;
    const isLeftOut = isForeignLayerType(blob.mediaType) || (await isElsewhere(this.source, blob, wait));
    (isLeftOut ? this.elsewhere : this.blobs).set(blob.digest, blob);
    this.bounds.add('blobs', 1);
  }

  private async referrersTo(descriptor: Descriptor, wait: WaitOptions): Promise<readonly Found[]> {
    if (!this.options.referrers) return [];
    if (!canListReferrers(this.source)) throw new UnsupportedError('listing referrers', 'The source');
    const unread = new Set<Digest>();
    const found = await referrersOf(this.source, descriptor, { ...wait, unread });
    return found.map((each) => ({
      descriptor: each,
      as: 'referrer',
      subject: descriptor.digest,
      mayBeGone: unread.has(each.digest),
    }));
  }
}

/** Throws unless what was found may be gone, or on an old list be anything. */
function undefinedIfGone({ as, mayBeGone }: Found): (error: unknown) => undefined {
  const allowed = mayBeGone ? [NotFoundError, InvalidContentError, UnsupportedError] : [NotFoundError];
  return (error) => {
    const isAllowed = (mayBeGone || as === 'subject') && allowed.some((each) => error instanceof each);
    if (!isAllowed) throw error;
  };
}

function nodeOf(content: ManifestContent): Omit<GraphNode, 'isRoot'> {
  const manifest = parseManifest(content.bytes, content.descriptor.mediaType);
  if (manifest.kind !== 'docker-schema1') return { content, manifest };
  throw new UnsupportedError('copying', `The image ${content.descriptor.digest} of Docker's first schema`);
}

function childrenOf({ manifests }: Manifest): readonly Found[] {
  const children = manifests.filter(({ mediaType }) => isManifestType(mediaType));
  return children.map((descriptor) => ({ descriptor, as: 'child' }));
}

function blobsOf({ config, layers, manifests }: Manifest): readonly Descriptor[] {
  const odd = manifests.filter(({ mediaType }) => !isManifestType(mediaType));
  return [...(config ? [config] : []), ...layers, ...odd];
}

/** The longest way down from each manifest says its level; a circle is cut where it closes. */
function levelsOf(nodes: ReadonlyMap<Digest, GraphNode>): readonly (readonly GraphNode[])[] {
  const heights = new Map<Digest, number>();
  const heightOf = (digest: Digest): number => {
    const known = heights.get(digest);
    const node = nodes.get(digest);
    if (known !== undefined || !node) return known ?? -1;
    heights.set(digest, 0);
    const { manifests, subject } = node.manifest;
    const below = [...manifests, ...(subject ? [subject] : [])].map((each) => heightOf(each.digest));
    const height = 1 + Math.max(-1, ...below);
    heights.set(digest, height);
    return height;
  };
  const levels: GraphNode[][] = [];
  for (const [digest, node] of nodes) (levels[heightOf(digest)] ??= []).push(node);
  return levels.filter((level) => level.length > 0);
}
