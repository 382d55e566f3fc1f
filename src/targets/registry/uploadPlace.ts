import { InvalidContentError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { discard } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { TransportResponse } from '../../transport/transport';
import type { RepositoryAddress } from './repositoryAddress';
import { sameOrigin } from './sameOrigin';

/** An upload that was begun. `minChunkBytes` is what each chunk but the last has to have, 0 where any size will do. */
export interface BegunUpload {
  readonly place: URL;
  readonly minChunkBytes: number;
}

/**
 * Asks for a place to upload to; nobody is asked to sign in again where it is `refusable`. Errors: RegistryError,
 * NotFoundError. Spec: distribution-spec v1.1.1, "POST".
 */
export async function beginUpload(
  address: RepositoryAddress,
  options: WaitOptions,
  { refusable = false } = {},
): Promise<BegunUpload> {
  const response = await address.send(
    {
      method: 'POST',
      path: address.path('blobs/uploads/'),
      refusable,
      scopes: [address.scope('pull', 'push')],
    },
    options,
  );
  if (response.status !== 202) {
    throw await registryFailure(response, { method: 'POST', what: `The repository ${address.describe()}` });
  }
  discard(response);
  const least = response.headers.get('oci-chunk-min-length') ?? '';
  return { place: uploadLocation(response), minChunkBytes: /^\d{1,15}$/.test(least) ? Number(least) : 0 };
}

/** Where an upload goes on: at its registry, nowhere else. Errors: InvalidContentError. */
export function uploadLocation({ headers, url }: TransportResponse): URL {
  const location = headers.get('location');
  if (location !== null) return sameOrigin(location, url, 'upload address');
  throw new InvalidContentError(`The answer of ${url.host}`, 'it starts an upload without saying where');
}

/** Takes back an upload that nobody goes on with; no error that it cannot be. False where the registry has more of it than `place` says. */
export async function cancelUpload(
  address: RepositoryAddress,
  place: () => URL,
  options: WaitOptions,
): Promise<boolean> {
  const scopes = [address.scope('pull', 'push')];
  try {
    const request = { method: 'DELETE', path: place(), scopes, refusable: true } as const;
    const response = await address.send(request, options);
    discard(response);
    return response.status !== 416;
  } catch {
    options.signal?.throwIfAborted();
    return true;
  }
}
