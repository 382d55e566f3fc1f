import { endOfToken } from '../../credentials/jwtClaims';
import type { Credential, CredentialProvider } from '../../oci/credential';
import type { Clock } from '../../transport/clock';
import type { AcrCredentials } from './acrCredentials';

/**
 * Puts the Azure sign-in in its place among the other credentials: first where the user chose it, else last. A login
 * that `az acr login` left hours ago, and that has ended, does not stand in its way.
 */
export function withAcr(others: CredentialProvider, acr: AcrCredentials, clock: Clock): CredentialProvider {
  const hasEnded = (credential: Credential) =>
    credential.kind === 'identityToken' && (endOfToken(credential.token) ?? Infinity) <= clock.now();
  return {
    credentialFor: async (host, query) => {
      const chosen = acr.isChosen(host) ? await acr.get(host, query) : undefined;
      if (chosen) return chosen;
      const found = await others.credentialFor(host, query);
      return found && !hasEnded(found) ? found : ((await acr.get(host, query)) ?? found);
    },
  };
}
