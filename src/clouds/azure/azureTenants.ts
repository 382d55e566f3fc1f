import { InvalidContentError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { registryFailure } from '../../transport/registryFailure';
import type { Transport } from '../../transport/transport';
import { readJsonObject } from './readJsonObject';

const API_VERSION = '2022-12-01';
const MAX_ANSWER_BYTES = 1024 * 1024;

/** A tenant (directory) that an account belongs to. */
export interface AzureTenant {
  /** A GUID. */
  readonly id: string;
  readonly name?: string;
  /** `contoso.onmicrosoft.com` */
  readonly domain?: string;
}

/**
 * The tenants of the account that a management token is for; the first page, which no person's account fills.
 * Errors: SignInRequiredError, RegistryError, NetworkError, InvalidContentError.
 * Source: Azure REST API, "Tenants - List", 2022-12-01.
 */
export async function listTenants(
  transport: Transport,
  { managementHost, accessToken }: { readonly managementHost: string; readonly accessToken: string },
  options?: WaitOptions,
): Promise<readonly AzureTenant[]> {
  const request = {
    method: 'GET',
    host: managementHost,
    path: `/tenants?api-version=${API_VERSION}`,
    headers: { Authorization: `Bearer ${accessToken}` },
  } as const;
  const response = await transport.send(request, options);
  if (response.status !== 200) throw await registryFailure(response, { method: 'GET' });
  const what = `The tenant list of ${managementHost}`;
  const { value } = await readJsonObject(response, { maxBytes: MAX_ANSWER_BYTES, what });
  if (!Array.isArray(value)) throw new InvalidContentError(what, 'it has no "value" list');
  return value.flatMap((entry: unknown) => tenantOf(entry));
}

function tenantOf(entry: unknown): readonly AzureTenant[] {
  if (typeof entry !== 'object' || entry === null) return [];
  const { tenantId, displayName, defaultDomain } = entry as Readonly<Record<string, unknown>>;
  if (typeof tenantId !== 'string') return [];
  return [
    {
      id: tenantId,
      ...(typeof displayName === 'string' && { name: displayName }),
      ...(typeof defaultDomain === 'string' && { domain: defaultDomain }),
    },
  ];
}
