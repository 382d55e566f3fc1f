import { pickOrType } from './pickOrType';

/** A tenant of an account: `id` is a GUID. */
export interface OfferedTenant {
  readonly id: string;
  readonly name?: string;
  readonly domain?: string;
}

export interface TenantQuestion {
  readonly host: string;
  readonly account: { readonly label: string };
  /** The account's own tenant. */
  readonly home?: string;
  readonly tenants: readonly OfferedTenant[];
}

const TENANT = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

/** Asks in which tenant an account may use a registry; any other can be typed. Undefined when dismissed. */
export async function askTenant({
  host,
  account,
  home,
  tenants,
}: TenantQuestion): Promise<string | undefined> {
  const offered = tenants.length > 0 ? tenants : home === undefined ? [] : [{ id: home }];
  return pickOrType({
    title: `Sign in to ${host}: tenant`,
    placeholder: `The tenant of the registry: choose one of ${account.label}, or type its id or domain`,
    suggestions: offered.map((tenant) => ({
      value: tenant.id,
      description: describe(tenant, tenant.id === home),
      icon: 'organization',
    })),
    problem: (text) =>
      TENANT.test(text) ? undefined : 'A tenant is an id or a domain, e.g. contoso.onmicrosoft.com.',
  });
}

function describe({ name, domain }: OfferedTenant, isHome: boolean): string {
  return [name, domain, isHome ? 'own tenant' : undefined].filter(Boolean).join(', ');
}
