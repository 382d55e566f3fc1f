import type { RegistryKind } from '../../../oci/registryProfile';

/** GitLab's token server, which may lie below a path ("relative URL root"). Source: GitLab, "Install under a relative URL". */
export const GITLAB_TOKENS = '/jwt/auth';

/**
 * What a registry seems to be by the path of its token server: Harbor, GitLab and Quay each have one of their own. A
 * hint only. Source: the `WWW-Authenticate` headers in the documentation of the three.
 */
export function kindOf(tokenServer: URL | undefined): RegistryKind | undefined {
  if (tokenServer?.pathname.endsWith(GITLAB_TOKENS)) return 'gitlab';
  switch (tokenServer?.pathname) {
    case '/service/token':
      return 'harbor';
    case '/v2/auth':
      return 'quay';
    default:
      return undefined;
  }
}
