import type { Credential } from '../../src/oci/credential';
import { startDockerRegistry } from '../support/dockerRegistry';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { testCredential } from '../support/testTransport';
import { startTokenIssuer } from '../support/tokenIssuer';

/** A registry that cases run against. */
export interface Server {
  readonly host: string;
  readonly tokenServer?: string;
  readonly credential?: Credential;
  stop(): Promise<void>;
}

const deleteEnabled = true;

/** Without the referrers API and with two ways to sign in; and one with it, open. */
export const servers = {
  'docker-registry, token': async (): Promise<Server> => {
    const issuer = await startTokenIssuer();
    const registry = await startDockerRegistry({ auth: issuer, deleteEnabled });
    const stop = async () => void (await Promise.all([registry.stop(), issuer.stop()]));
    return { host: registry.host, tokenServer: issuer.realm, credential: testCredential, stop };
  },
  'docker-registry, password': async (): Promise<Server> => {
    const registry = await startDockerRegistry({ auth: 'htpasswd', deleteEnabled });
    return { ...registry, credential: testCredential };
  },
  'the embedded registry': (): Promise<Server> => startEmbeddedRegistry(),
} as const;

/** The name of one of them. */
export type ServerName = keyof typeof servers;
