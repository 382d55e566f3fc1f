import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { isStoredAsManifest, mediaTypes } from '../../oci/mediaTypes';
import type { ReferrersOptions } from '../../oci/target';
import { systemClock, type Clock } from '../../transport/clock';
import { discard } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { TransportResponse } from '../../transport/transport';
import { pages, type Page } from './pages';
import { readManifestBytes, undefinedIfNotFound } from './reader';
import { lacksType, listedReferrers, unusableEntries, usableEntries } from './referrerList';
import { completed, ReferrerManifests, type LookedAt } from './referrerManifests';
import { referrersTag, type RepositoryAddress } from './repositoryAddress';

/** What a registry answers that has no referrers API. */
const NO_API = new Set([400, 404, 405, 406, 501]);

/** How long a registry is not asked again for the API that it does not have. */
const WITHOUT_API_MS = 60_000;

/** Remembers that a registry has no referrers API: one that said so and then gave a list that clients keep. */
export class ReferrersApi {
  private askAtMs = -Infinity;

  constructor(private readonly clock: Clock = systemClock) {}

  get mayBeThere(): boolean {
    return this.clock.now() >= this.askAtMs;
  }

  isMissing(): void {
    this.askAtMs = this.clock.now() + WITHOUT_API_MS;
  }
}

/** What is known of a registry's lists and of the manifests on them. */
export interface ReferrersKnowledge {
  readonly api: ReferrersApi;
  readonly manifests: ReferrerManifests;
}

/**
 * The manifests whose subject has this digest, each once: by the registry's API, else by the tag schema. An entry that
 * cannot be used is left out; one that does not say its type is completed from its manifest.
 * Errors: RegistryError, InvalidContentError. Spec: distribution-spec v1.1.1, "Listing Referrers".
 */
export async function* listReferrers(
  address: RepositoryAddress,
  subject: Digest,
  {
    api = new ReferrersApi(),
    manifests = new ReferrerManifests(address),
    ...options
  }: ReferrersOptions & Partial<ReferrersKnowledge> = {},
): AsyncGenerator<Descriptor, void> {
  const given = new Set<Digest>([subject]);
  for await (const referrer of entriesOf({ address, subject, api, manifests }, options)) {
    if (given.has(referrer.digest)) continue;
    given.add(referrer.digest);
    yield referrer;
  }
}

interface Asked extends ReferrersKnowledge {
  readonly address: RepositoryAddress;
  readonly subject: Digest;
}

async function* entriesOf(asked: Asked, options: ReferrersOptions): AsyncGenerator<Descriptor, void> {
  const { address, subject, api } = asked;
  try {
    if (!api.mayBeThere) throw new NoReferrersApi();
    for await (const page of referrerPages(address, subject, options)) yield* onPage(page, asked, options);
    return;
  } catch (error) {
    if (!(error instanceof NoReferrersApi)) throw error;
  }
  const entries = await entriesUnderTag(address, subject, options);
  if (!entries) return;
  api.isMissing();
  for await (const referrer of underTag(entries, asked, options))
    if (isOfType(referrer, options)) yield referrer;
}

/** Says within this file that the tag schema is to be tried. */
class NoReferrersApi extends Error {}

function referrerPages(address: RepositoryAddress, subject: Digest, options: ReferrersOptions) {
  const { artifactType } = options;
  const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType }).toString()}`;
  const request = {
    host: address.host,
    repository: address.apiName,
    path: `${address.path(`referrers/${subject}`)}${query}`,
    headers: { Accept: mediaTypes.ociIndex },
    scopes: [address.scope('pull')],
  };
  const what = `The referrers list of ${address.describe(subject)}`;
  return pages({ transport: address.transport, request, what, refuse: refuseOtherAnswers }, options);
}

/** Some registries answer with a web page, or lead to one: only the exact content type counts. */
async function refuseOtherAnswers(response: TransportResponse): Promise<Error | undefined> {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (response.status === 200 && type === mediaTypes.ociIndex) return undefined;
  const isMissing = response.status < 400 || NO_API.has(response.status);
  if (!isMissing) return registryFailure(response, { method: 'GET' });
  discard(response);
  return new NoReferrersApi();
}

const WHAT = 'The referrers list';

/** The registry keeps this list: a manifest is read only where its entry does not say what it is. */
async function* onPage(
  { fields, headers }: Page,
  { subject, manifests }: Asked,
  options: ReferrersOptions,
): AsyncGenerator<Descriptor, void> {
  const { unread, signal } = options;
  const { entries, unusable } = usableEntries(fields['manifests'], WHAT);
  if (unusable > 0) options.onMissing?.(unusableEntries(unusable, WHAT));
  if (unread) for (const { digest } of entries.filter(lacksType)) unread.add(digest);
  const applied = (headers.get('oci-filters-applied') ?? '').split(',').map((name) => name.trim());
  const isFiltered = applied.includes('artifactType');
  const isWanted = (entry: Descriptor) => !unread && lacksType(entry);
  for await (const { entry, looked } of manifests.lookAtEach(entries, isWanted, signal ? { signal } : {})) {
    const isAsListed = looked === undefined || (typeof looked === 'string' && entry.mediaType !== '');
    const found = isAsListed ? [entry] : referring({ entry, looked }, subject);
    yield* found.filter((referrer) => isFiltered || isOfType(referrer, options));
  }
}

function isOfType(referrer: Descriptor, { artifactType }: ReferrersOptions): boolean {
  return artifactType === undefined || referrer.artifactType === artifactType;
}

/** Undefined where no list is kept. GitLab takes the tag `sha256-<hex>` for the digest itself. */
async function entriesUnderTag(
  address: RepositoryAddress,
  subject: Digest,
  { signal, onMissing }: ReferrersOptions,
): Promise<readonly Descriptor[] | undefined> {
  const tag = referrersTag(subject);
  const list = await readManifestBytes(address, tag, signal ? { signal } : {}).catch(undefinedIfNotFound);
  if (!list || list.digest === subject) return undefined;
  const what = `The referrers list ${address.describe(tag)}`;
  const listed = listedReferrers(list.bytes, list.contentType, what);
  if (listed && listed.unusable > 0) onMissing?.(unusableEntries(listed.unusable, what));
  return listed?.entries;
}

/** Lists that clients keep may be out of date: an entry counts only when its manifest is there and names the subject. */
async function* underTag(
  listed: readonly Descriptor[],
  { subject, manifests }: Asked,
  { signal, unread }: ReferrersOptions,
): AsyncGenerator<Descriptor, void> {
  const entries = listed.filter(({ mediaType }) => mediaType === '' || isStoredAsManifest(mediaType));
  if (unread) {
    for (const { digest } of entries) unread.add(digest);
    yield* entries;
    return;
  }
  for await (const looked of manifests.lookAtEach(entries, () => true, signal ? { signal } : {}))
    yield* referring(looked, subject);
}

/** An entry whose manifest cannot be read stands for itself: what is known is not hidden. */
function referring({ entry, looked }: LookedAt, subject: Digest): readonly Descriptor[] {
  if (looked === 'unreadable') return entry.mediaType === '' ? [] : [entry];
  if (looked === undefined || looked === 'nothing' || looked.subject !== subject) return [];
  return [completed(entry, looked)];
}
