import { Readable } from 'node:stream';
import { asBlob } from '../../oci/descriptor';
import { RegistryError, SignInRequiredError } from '../../oci/errors';
import type { ManifestContent, StoreOptions, TransferOptions, WaitOptions } from '../../oci/target';
import { putManifest, type StoredManifest } from './putManifest';
import { lookForManifest } from './readableManifest';
import { isUnsaid } from './unsaidUpload';
import type { RepositoryAddress } from './repositoryAddress';
import { UploadWays } from './uploadWays';
import { pushBlob } from './writer';

/** A manifest, the repository that it goes to, and the tag or digest that it goes under. `ways` is for its bytes as a blob. */
export interface ManifestToStore {
  readonly address: RepositoryAddress;
  readonly ways?: UploadWays;
  readonly manifest: ManifestContent;
  readonly reference: string;
}

/**
 * Stores a manifest, and reads it once where it is to be shown. Docker's registry answers 201 and stores nothing
 * where its cache still names a manifest that its garbage collection removed; the bytes as a blob bring it back, and the
 * manifest goes under the same reference again. Errors: those of `putManifest`; RegistryError for a manifest that is not
 * given back after that.
 */
export async function storeManifest(
  stored: ManifestToStore,
  { show = false, ...options }: TransferOptions & StoreOptions = {},
): Promise<StoredManifest> {
  const { address, manifest, reference } = stored;
  const wait: WaitOptions = options.signal ? { signal: options.signal } : {};
  try {
    const answer = await putManifest(address, manifest, reference, options);
    if (!show || (await isGivenBack(stored, wait))) return answer;
  } catch (error) {
    if (!isUnsaid(error) || (await lookForManifest(address, manifest.descriptor, wait)) !== 'readable')
      throw error;
    return { subjectListed: false };
  }
  const again = await bringBack(stored, wait);
  if (await isGivenBack(stored, wait)) return again;
  throw notGivenBack(stored);
}

/** Stores a manifest that the registry lacks and takes for stored. Errors: those of `putManifest`; RegistryError. */
export async function bringBack(
  { address, ways = new UploadWays(), manifest, reference }: ManifestToStore,
  wait: WaitOptions,
): Promise<StoredManifest> {
  const { bytes } = manifest;
  const content = { bytes, open: async () => Readable.from([bytes], { objectMode: false }) };
  const blob = { address, ways, descriptor: asBlob(manifest.descriptor), content };
  // A registry that takes no such blob may still store the manifest.
  await pushBlob(blob, wait).catch(undefinedIfRefused);
  return putManifest(address, manifest, reference, wait);
}

/** True also where the registry does not let this account read: its answer to the PUT is all there is. */
async function isGivenBack({ address, manifest }: ManifestToStore, wait: WaitOptions): Promise<boolean> {
  try {
    return (await lookForManifest(address, manifest.descriptor, { ...wait, refusable: true })) !== 'missing';
  } catch (error) {
    if (error instanceof SignInRequiredError) return true;
    throw error;
  }
}

function notGivenBack({ address, manifest, reference }: ManifestToStore): RegistryError {
  const { digest } = manifest.descriptor;
  const url = address.manifestPath(digest);
  return new RegistryError(
    { method: 'GET', url, status: 404, details: [], body: '' },
    `${address.host} answered that it stored ${address.describe(reference)}, and does not give the manifest ${digest} back. Its cache may be out of date: ask its owner to restart it, and push again.`,
  );
}

function undefinedIfRefused(error: unknown): undefined {
  if (!(error instanceof RegistryError)) throw error;
}
