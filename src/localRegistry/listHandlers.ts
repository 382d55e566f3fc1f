import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { encodeImageIndex } from '../oci/manifest';
import { mediaTypes } from '../oci/mediaTypes';
import { tagProblem } from '../oci/reference';
import type { OciLayout } from '../targets/layout/ociLayout';
import { send, sendJson, type Exchange } from './exchange';
import { nextLink, parsePage, takePage } from './page';
import { checkedDigest, existingRepository, type Storage } from './storage';

/** How many bytes of descriptors are put on one page of referrers; clients read at most 4 MiB. */
const MAX_REFERRERS_BYTES = 2 * 1024 * 1024;

/** GET of the tags of a repository. Spec: distribution-spec v1.1.1, "Listing Tags". */
export async function listTags(
  storage: Storage,
  exchange: Exchange,
  { repository }: { readonly repository: string },
): Promise<void> {
  const { size, last } = parsePage(exchange.query);
  const layout = await existingRepository(storage, repository);
  const page = await takePage(usableTags(layout, last), size);
  const path = `/v2/${repository}/tags/list`;
  const link = page.next === undefined ? {} : nextLink(path, { last: page.next, n: String(size) });
  sendJson(exchange, { name: repository, tags: page.names }, link);
}

/** GET of the repositories. Not in the spec; source: distribution, "Listing Repositories". */
export async function listRepositories({ repositories }: Storage, exchange: Exchange): Promise<void> {
  const { size, last } = parsePage(exchange.query);
  const page = await takePage(repositories.list(last), size);
  const link = page.next === undefined ? {} : nextLink('/v2/_catalog', { last: page.next, n: String(size) });
  sendJson(exchange, { repositories: page.names }, link);
}

/** GET of the referrers of a manifest, which need not be there. Spec: distribution-spec v1.1.1, "Listing Referrers". */
export async function listReferrers(
  { repositories }: Storage,
  exchange: Exchange,
  route: { readonly repository: string; readonly digest: string },
): Promise<void> {
  const digest = checkedDigest(route.digest);
  const layout = await repositories.find(route.repository);
  const filter = exchange.query.get('artifactType');
  const { manifests, next } = await referrersPage(layout, digest, exchange.query);
  const query = { ...(filter !== null && { artifactType: filter }), ...(next && { last: next }) };
  const headers = {
    'Content-Type': mediaTypes.ociIndex,
    ...(filter !== null && { 'OCI-Filters-Applied': 'artifactType' }),
    ...(next && nextLink(`/v2/${route.repository}/referrers/${digest}`, query)),
  };
  send(exchange, { status: 200, headers, body: encodeImageIndex({ manifests }) });
}

/** Layouts that other tools wrote may hold whole names as tags; they cannot be asked for over HTTP. */
async function* usableTags(layout: OciLayout, last: string | undefined): AsyncIterable<string> {
  for await (const tag of layout.tags(last === undefined ? {} : { last })) {
    if (tagProblem(tag) === undefined) yield tag;
  }
}

async function referrersPage(
  layout: OciLayout | undefined,
  digest: Digest,
  query: URLSearchParams,
): Promise<{ readonly manifests: readonly Descriptor[]; readonly next?: Digest }> {
  const manifests: Descriptor[] = [];
  const artifactType = query.get('artifactType') ?? undefined;
  const last = query.get('last') ?? undefined;
  let sizeBytes = 0;
  const options = {
    ...(artifactType !== undefined && { artifactType }),
    ...(last !== undefined && { last }),
  };
  for await (const descriptor of layout?.referrers({ digest }, options) ?? []) {
    sizeBytes += Buffer.byteLength(JSON.stringify(descriptor));
    const previous = manifests.at(-1);
    if (previous && sizeBytes > MAX_REFERRERS_BYTES) return { manifests, next: previous.digest };
    manifests.push(descriptor);
  }
  return { manifests };
}
