import { digestOf, isDigest, type Digest } from '../../src/oci/digest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import type { ManifestContent } from '../../src/oci/target';
import type { ScriptedAnswer, SeenRequest } from './scriptedServer';

/** A manifest of a `ScriptedRepository`. */
interface Stored {
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * The manifests of one repository, without the referrers API, that takes and gives lists no server here would: what
 * `rule` returns is the answer. It has no blobs.
 */
export class ScriptedRepository {
  readonly manifests = new Map<Digest, Stored>();
  readonly tags = new Map<string, Digest>();
  /** Called before each request; an answer takes the place of the repository's own. */
  rule: (request: SeenRequest) => ScriptedAnswer | undefined = () => undefined;

  readonly answer = (request: SeenRequest): ScriptedAnswer => this.rule(request) ?? this.own(request);

  /** Stores bytes as they are. */
  put(
    bytes: Uint8Array | string,
    { tag, type = mediaTypes.ociManifest }: { tag?: string; type?: string } = {},
  ) {
    const digest = digestOf(bytes);
    this.manifests.set(digest, { type, bytes: Buffer.from(bytes) });
    if (tag !== undefined) this.tags.set(tag, digest);
    return digest;
  }

  putAll(...manifests: readonly ManifestContent[]): void {
    for (const { bytes } of manifests) this.put(bytes);
  }

  /** Puts a list of referrers under a tag, its entries as they are. */
  putList(tag: string, manifests: unknown): Digest {
    const list = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
    return this.put(JSON.stringify(list), { tag, type: mediaTypes.ociIndex });
  }

  /** The entries of the list under a tag; none where there is no list. */
  listed(tag: string): readonly Record<string, unknown>[] {
    const { bytes } = this.find(tag) ?? {};
    const list = bytes && (JSON.parse(bytes.toString()) as { manifests: Record<string, unknown>[] });
    return list?.manifests ?? [];
  }

  private find(reference: string): Stored | undefined {
    const digest = isDigest(reference) ? reference : this.tags.get(reference);
    return digest && this.manifests.get(digest);
  }

  private own({ line, headers, body }: SeenRequest): ScriptedAnswer {
    const [method, reference] = [line.split(' ')[0] ?? '', line.split('/manifests/')[1] ?? ''];
    if (!line.includes('/manifests/')) return { status: line.includes('/blobs/') ? 200 : 404 };
    if (method === 'PUT') {
      const tag = isDigest(reference) ? {} : { tag: reference };
      const digest = this.put(body, { ...tag, type: headers['content-type'] ?? '' });
      return { status: 201, headers: { 'Docker-Content-Digest': digest } };
    }
    const stored = this.find(reference);
    if (!stored) return { status: 404 };
    if (method === 'DELETE') return this.remove(digestOf(stored.bytes));
    const { type, bytes } = stored;
    return { headers: { 'Content-Type': type, 'Docker-Content-Digest': digestOf(bytes) }, body: bytes };
  }

  private remove(digest: Digest): ScriptedAnswer {
    this.manifests.delete(digest);
    for (const [tag, tagged] of this.tags) if (tagged === digest) this.tags.delete(tag);
    return { status: 202 };
  }
}
