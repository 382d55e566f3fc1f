import type { RegistryKind } from '../../../oci/registryProfile';
import { azureAcr } from './azureAcr';
import { dockerHub } from './dockerHub';
import { generic } from './generic';
import type { RegistryProvider } from './provider';

/** Every provider; the first that matches a host counts. */
const PROVIDERS: readonly RegistryProvider[] = [azureAcr, dockerHub];

/** The provider of a host: `kind` where the user's settings name one, else by the host's name, else the generic one. */
export function providerFor(host: string, kind?: RegistryKind): RegistryProvider {
  if (kind !== undefined) return PROVIDERS.find((provider) => provider.kind === kind) ?? generic;
  return PROVIDERS.find((provider) => provider.matches(host)) ?? generic;
}
