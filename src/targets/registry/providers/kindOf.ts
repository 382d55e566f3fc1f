import type { RegistryKind } from '../../../oci/registryProfile';

/**
 * What a registry seems to be by the path of its token server: Harbor, GitLab and Quay each have one of their own. A
 * hint only. Source: the `WWW-Authenticate` headers in the documentation of the three.
 */
export function kindOf(tokenServer: URL | undefined): RegistryKind | undefined {
  switch (tokenServer?.pathname) {
    case '/service/token':
      return 'harbor';
    case '/jwt/auth':
      return 'gitlab';
    case '/v2/auth':
      return 'quay';
    default:
      return undefined;
  }
}
