import type { Services } from '../commands/services';
import type { Settings } from '../host/settings';
import type { CredentialProvider } from '../oci/credential';
import { isLayoutHost } from '../oci/layoutPlace';
import { LayoutRegistry } from '../targets/layout/layoutRegistry';
import { providerFor } from '../targets/registry/providers';
import type { RegistryProvider } from '../targets/registry/providers/provider';
import { Registry } from '../targets/registry/registry';
import type { UploadWays } from '../targets/registry/uploadWays';
import { withSignInAgain } from '../transport/signInAgain';
import type { SignInQuestions } from '../transport/signInQuestions';
import type { Transport } from '../transport/transport';

export interface RegistryParts {
  readonly settings: Settings;
  readonly transport: Transport;
  readonly credentials: CredentialProvider;
  readonly questions: SignInQuestions;
  readonly uploads: UploadWays;
  /** Providers that were made with what they need. */
  readonly providers: readonly RegistryProvider[];
}

/**
 * Registries of what a user does ask to sign in again; those that are only looked at do not. What stands for a folder of
 * layouts never reaches the network, the settings or a credential.
 */
export function registryOpener(parts: RegistryParts): Services['openRegistry'] {
  const { settings, transport, credentials, questions, uploads, providers } = parts;
  return (host, { during } = {}) => {
    if (isLayoutHost(host)) return new LayoutRegistry(host);
    const { kind, namespaces = [] } = settings.registry(host);
    const way = during === undefined ? transport : withSignInAgain(transport, questions, during);
    const provider = providerFor(host, kind, providers);
    return new Registry(host, way, { provider, namespaces, credentials, uploads });
  };
}
