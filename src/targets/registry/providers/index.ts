import type { RegistryKind } from '../../../oci/registryProfile';
import { azureAcr } from './azureAcr';
import { dockerHub } from './dockerHub';
import { generic } from './generic';
import { github } from './github';
import { gitlab } from './gitlab';
import { googleArtifactRegistry } from './googleArtifactRegistry';
import { harbor } from './harbor';
import type { RegistryProvider } from './provider';
import { quay } from './quay';

/** The providers that need nothing; the first that matches a host counts. */
const PROVIDERS: readonly RegistryProvider[] = [
  azureAcr,
  dockerHub,
  github,
  gitlab,
  googleArtifactRegistry,
  harbor,
  quay,
];

/**
 * The provider of a host: `kind` where the user's settings name one, else by the host's name, else the generic one.
 * `made` are providers that were made with what they need, e.g. a cloud's API.
 */
export function providerFor(
  host: string,
  kind?: RegistryKind,
  made: readonly RegistryProvider[] = [],
): RegistryProvider {
  const known = [...made, ...PROVIDERS];
  if (kind !== undefined) return known.find((provider) => provider.kind === kind) ?? generic;
  return known.find((provider) => provider.matches(host)) ?? generic;
}
