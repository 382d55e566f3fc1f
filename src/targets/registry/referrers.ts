import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { InvalidContentError } from '../../oci/errors';
import { parseDescriptor, parseManifest } from '../../oci/manifest';
import { isStoredAsManifest, referrersTag, type RepositoryAddress } from './repositoryAddress';
import { mediaTypes } from '../../oci/mediaTypes';
import type { ReferrersOptions, WaitOptions } from '../../oci/target';
import { systemClock, type Clock } from '../../transport/clock';
import { discard } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { TransportResponse } from '../../transport/transport';
import { pages, type Page } from './pages';
import { readManifestIfThere } from './reader';

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

/**
 * The manifests whose subject has this digest: by the registry's API, else by the tag schema.
 * Errors: RegistryError, InvalidContentError. Spec: distribution-spec v1.1.1, "Listing Referrers".
 */
export async function* listReferrers(
  address: RepositoryAddress,
  subject: Digest,
  { api = new ReferrersApi(), ...options }: ReferrersOptions & { readonly api?: ReferrersApi } = {},
): AsyncGenerator<Descriptor, void> {
  const { artifactType } = options;
  try {
    if (!api.mayBeThere) throw new NoReferrersApi();
    for await (const page of referrerPages(address, subject, options)) yield* matching(page, artifactType);
    return;
  } catch (error) {
    if (!(error instanceof NoReferrersApi)) throw error;
  }
  const entries = await entriesUnderTag(address, subject, options);
  if (!entries) return;
  api.isMissing();
  for await (const referrer of referrersAmong(entries, { address, subject }, options)) {
    if (artifactType === undefined || referrer.artifactType === artifactType) yield referrer;
  }
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

function matching(page: Page, artifactType: string | undefined): Descriptor[] {
  const list = page.fields['manifests'] ?? [];
  if (!Array.isArray(list))
    throw new InvalidContentError('The referrers list', 'its "manifests" is not a list');
  const found = list.map((entry, index) => parseDescriptor(entry, `"manifests" entry ${index + 1}`));
  const applied = (page.headers.get('oci-filters-applied') ?? '').split(',').map((name) => name.trim());
  if (artifactType === undefined || applied.includes('artifactType')) return found;
  return found.filter((referrer) => referrer.artifactType === artifactType);
}

/** Undefined where no list is kept. GitLab takes the tag `sha256-<hex>` for the digest itself. */
async function entriesUnderTag(
  address: RepositoryAddress,
  subject: Digest,
  { signal }: ReferrersOptions,
): Promise<readonly Descriptor[] | undefined> {
  const list = await readManifestIfThere(address, referrersTag(subject), signal ? { signal } : {});
  if (!list || list.descriptor.digest === subject) return undefined;
  const index = parseManifest(list.bytes, list.descriptor.mediaType);
  return index.kind === 'image-index' ? index.manifests : undefined;
}

/** Lists that clients keep may be out of date: an entry counts only when its manifest is there and names the subject. */
async function* referrersAmong(
  entries: readonly Descriptor[],
  { address, subject }: { readonly address: RepositoryAddress; readonly subject: Digest },
  { signal, unread }: ReferrersOptions,
): AsyncGenerator<Descriptor, void> {
  for (const entry of entries.filter(({ mediaType }) => isStoredAsManifest(mediaType))) {
    if (!unread && !(await isReferrer(address, entry, subject, signal ? { signal } : {}))) continue;
    unread?.add(entry.digest);
    yield entry;
  }
}

async function isReferrer(
  address: RepositoryAddress,
  { digest, mediaType }: Descriptor,
  subject: Digest,
  wait: WaitOptions,
): Promise<boolean> {
  try {
    const manifest = await readManifestIfThere(address, digest, wait);
    return manifest !== undefined && parseManifest(manifest.bytes, mediaType).subject?.digest === subject;
  } catch (error) {
    if (error instanceof InvalidContentError) return false;
    throw error;
  }
}
