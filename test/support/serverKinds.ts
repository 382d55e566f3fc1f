import { startDistribution, startDistributionOnStore, startDockerRegistry } from './dockerRegistry';
import { startEmbeddedRegistry } from './embeddedRegistry';
import { startGoRegistry } from './goRegistry';
import { peerOrSkip, type PeerName } from './peers';

/** A kind of server that the client and the tools of others meet at. */
export interface ServerKind {
  readonly name: string;
  /** The programs it needs. */
  readonly peers?: readonly PeerName[];
  /** Starts one that is open and lets delete. */
  readonly start: () => Promise<{ readonly host: string; stop(): Promise<void> }>;
}

const deleteEnabled = true;

/** Without the referrers API, newer without it, with it but without `OCI-Subject`, and with all of it. */
export const serverKinds = [
  {
    name: 'docker-registry 2.8',
    peers: ['docker-registry'],
    start: () => startDockerRegistry({ deleteEnabled }),
  },
  { name: 'distribution 3', peers: ['distribution'], start: () => startDistribution({ deleteEnabled }) },
  { name: 'go-containerregistry', peers: ['go-registry'], start: startGoRegistry },
  { name: 'the embedded registry', start: () => startEmbeddedRegistry() },
] as const satisfies readonly ServerKind[];

/** The same distribution 3 on S3: it answers reads of blobs, and HEAD, with a redirect to another origin. */
export const objectStoreKind = {
  name: 'distribution 3 on an object store',
  peers: ['distribution', 'moto'],
  start: () => startDistributionOnStore({ deleteEnabled }),
} as const satisfies ServerKind;

/** Starts a server for the tests of the surrounding suite, which are skipped where a program of it is missing. */
export function useServer({ peers = [], start }: ServerKind): { readonly host: () => string } {
  let server: Awaited<ReturnType<typeof start>>;
  before(async function () {
    for (const peer of peers) peerOrSkip(this, peer);
    server = await start();
  });
  after(() => server?.stop());
  return { host: () => server.host };
}
