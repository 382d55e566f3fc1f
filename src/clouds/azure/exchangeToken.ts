import { InvalidContentError, SignInRequiredError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { registryFailure } from '../../transport/registryFailure';
import type { Transport } from '../../transport/transport';
import { readJsonObject } from './readJsonObject';

const MAX_ANSWER_BYTES = 128 * 1024;

/** A Microsoft token for a registry; `tenant` is the one that issued it. */
export interface MicrosoftToken {
  readonly host: string;
  readonly tenant: string;
  readonly accessToken: string;
}

/**
 * Buys a registry's refresh token (good for about three hours) with a Microsoft access token. It goes to the registry
 * itself, wherever its challenge may point. `transport` has no credentials of its own.
 * Errors: SignInRequiredError where the registry refuses it, RegistryError, InvalidContentError, NetworkError.
 * Source: Azure/acr, docs/AAD-OAuth.md, "Calling POST /oauth2/exchange".
 */
export async function exchangeToken(
  transport: Transport,
  { host, tenant, accessToken }: MicrosoftToken,
  options?: WaitOptions,
): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'access_token',
    service: host,
    tenant,
    access_token: accessToken,
  });
  const response = await transport
    .send(
      {
        method: 'POST',
        host,
        path: '/oauth2/exchange',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: Buffer.from(form.toString()),
        secrets: [accessToken],
      },
      options,
    )
    .catch((error: unknown) => {
      throw asRefusal(error);
    });
  if (response.status !== 200) throw await registryFailure(response, { method: 'POST' });
  const what = `The answer of ${host} to the token exchange`;
  const { refresh_token: token } = await readJsonObject(response, { maxBytes: MAX_ANSWER_BYTES, what });
  if (typeof token === 'string' && token !== '') return token;
  throw new InvalidContentError(what, 'it holds no refresh token');
}

/** To the transport the request bore no credentials; it did, in its body. */
function asRefusal(error: unknown): unknown {
  return error instanceof SignInRequiredError
    ? new SignInRequiredError(error.host, true, error.failure)
    : error;
}
