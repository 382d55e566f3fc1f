import { startDistribution, startDockerRegistry } from './dockerRegistry';
import { startEmbeddedRegistry } from './embeddedRegistry';
import { startGoRegistry } from './goRegistry';
import { peerOrSkip, type PeerName } from './peers';

/** A kind of server that the client and the tools of others meet at. */
export interface ServerKind {
  readonly name: string;
  /** The program it needs. */
  readonly peer?: PeerName;
  /** Starts one that is open and lets delete. */
  readonly start: () => Promise<{ readonly host: string; stop(): Promise<void> }>;
}

const deleteEnabled = true;

/** Without the referrers API, newer without it, with it but without `OCI-Subject`, and with all of it. */
export const serverKinds = [
  {
    name: 'docker-registry 2.8',
    peer: 'docker-registry',
    start: () => startDockerRegistry({ deleteEnabled }),
  },
  { name: 'distribution 3', peer: 'distribution', start: () => startDistribution({ deleteEnabled }) },
  { name: 'go-containerregistry', peer: 'go-registry', start: startGoRegistry },
  { name: 'the embedded registry', start: () => startEmbeddedRegistry() },
] as const satisfies readonly ServerKind[];

/** Starts a server for the tests of the surrounding suite, which are skipped where its program is missing. */
export function useServer({ peer, start }: ServerKind): { readonly host: () => string } {
  let server: Awaited<ReturnType<typeof start>>;
  before(async function () {
    if (peer) peerOrSkip(this, peer);
    server = await start();
  });
  after(() => server?.stop());
  return { host: () => server.host };
}
