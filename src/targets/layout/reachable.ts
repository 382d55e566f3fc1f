import type { Descriptor } from '../../oci/descriptor';
import { isDigest, type Digest } from '../../oci/digest';
import { InvalidContentError, messageOf } from '../../oci/errors';
import { childrenOf, MAX_MANIFEST_BYTES, parseManifest } from '../../oci/manifest';
import type { WaitOptions } from '../../oci/target';
import type { BlobFolder } from './blobFolder';
import type { IndexSnapshot } from './indexSnapshot';
import type { ManifestGraph } from './manifestGraph';

/** What a manifest leads to. */
interface Links {
  /** Every digest in its text, whatever member it stands in: more than it points at, never less. */
  readonly named: readonly Digest[];
  /** Those that have links of their own. */
  readonly manifests: readonly Descriptor[];
  readonly subject?: Digest;
}

/** A blob on disk. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** What is read from. */
export interface ReachableSource {
  readonly graph: ManifestGraph;
  readonly blobs: BlobFolder;
}

/**
 * What the manifests of a layout lead to: configs, layers, children of indexes, subjects. Referrers stand in index.json
 * themselves. Each manifest is read once, by its digest, also where this is asked again.
 */
export class Reachable {
  private readonly links = new Map<Digest, Links>();

  constructor(private readonly source: ReachableSource) {}

  /**
   * Every digest that a state of index.json leads to. What cannot be understood may lead to anything, and is an error.
   * Errors: InvalidContentError, FileError.
   */
  async from(snapshot: IndexSnapshot, options: WaitOptions = {}): Promise<Set<Digest>> {
    if (snapshot.hasUnusable)
      throw new InvalidContentError('index.json', 'one of its entries is not understood');
    const reached = new Set<Digest>();
    const listed = snapshot.manifests();
    for (const { digest } of listed) {
      if ((await this.source.blobs.sizeOf(digest)) === undefined)
        throw new InvalidContentError('index.json', `${digest}, which it lists, is not there`);
    }
    await this.follow(reached, listed, options);
    return reached;
  }

  /**
   * Adds these blobs, and what those among them lead to that are manifests: whoever counts on such a manifest may have
   * passed over its content.
   */
  async add(reached: Set<Digest>, blobs: readonly StoredBlob[], options: WaitOptions = {}): Promise<void> {
    for (const { digest, sizeBytes: size } of blobs) {
      const descriptor = { mediaType: '', digest, size };
      if (size > MAX_MANIFEST_BYTES || !(await this.isManifest(descriptor))) reached.add(digest);
      else await this.follow(reached, [descriptor], options);
    }
  }

  /** The subject that a manifest names. Errors: InvalidContentError, FileError. */
  async subjectOf(manifest: Descriptor): Promise<Digest | undefined> {
    return (await this.linksOf(manifest))?.subject;
  }

  /** Adds these manifests and what they lead to, except behind those in `followed`, which gets theirs. */
  async follow(
    reached: Set<Digest>,
    manifests: readonly Descriptor[],
    { signal, followed = new Set() }: WaitOptions & { readonly followed?: Set<Digest> } = {},
  ): Promise<void> {
    const ahead = [...manifests];
    for (let next = ahead.pop(); next; next = ahead.pop()) {
      signal?.throwIfAborted();
      reached.add(next.digest);
      if (followed.has(next.digest)) continue;
      followed.add(next.digest);
      const links = await this.linksOf(next);
      for (const digest of links?.named ?? []) reached.add(digest);
      ahead.push(...(links?.manifests ?? []));
    }
  }

  private async isManifest(descriptor: Descriptor): Promise<boolean> {
    try {
      return (await this.linksOf(descriptor)) !== undefined;
    } catch {
      return false;
    }
  }

  /** Undefined for a manifest that is not there: an index may name platforms that were not copied. */
  private async linksOf(descriptor: Descriptor): Promise<Links | undefined> {
    const known = this.links.get(descriptor.digest);
    if (known) return known;
    const links = await this.readLinks(descriptor);
    if (links) this.links.set(descriptor.digest, links);
    return links;
  }

  private async readLinks(descriptor: Descriptor): Promise<Links | undefined> {
    try {
      const bytes = await this.source.graph.readBytes(descriptor);
      return bytes && linksIn(bytes, descriptor.mediaType);
    } catch (error) {
      const reason = `what it refers to is not known (${messageOf(error)})`;
      throw new InvalidContentError(`Manifest ${descriptor.digest}`, reason, { cause: error });
    }
  }
}

function linksIn(bytes: Buffer, mediaType: string): Links {
  const manifest = parseManifest(bytes, mediaType);
  const { manifests, subject } = manifest;
  const inText: readonly string[] = bytes.toString('utf8').match(/\bsha(?:256|512):[0-9a-f]+/g) ?? [];
  return {
    named: [...childrenOf(manifest).map(({ digest }) => digest), ...inText.filter(isDigest)],
    manifests: [...manifests, ...(subject ? [subject] : [])],
    ...(subject && { subject: subject.digest }),
  };
}
