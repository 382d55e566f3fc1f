import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeAuthority } from '../../support/certificateAuthority';
import { pushArtifact, textBlob } from '../../support/artifacts';
import { startDockerRegistry, type DockerRegistryOptions } from '../../support/dockerRegistry';
import { startGateway, type Gateway } from '../../support/gateway';
import { testTransport } from '../../support/testTransport';
import { Registry } from '../../../src/targets/registry/registry';
import type { Endpoint } from '../../../src/transport/transport';
import { newFolder } from './flows';
import type { RegistryEntry } from './registries';

/** The repository that each registry has, with the tag `v1`. */
export const cellRepository = 'network/sample';

/** Registries off localhost, each of which only its own settings can reach. */
export interface ConnectionCells {
  /** Name of the setting → the entry that reaches a registry by it. */
  readonly entries: Readonly<Record<string, RegistryEntry>>;
  readonly gateway: Gateway;
  stop(): Promise<void>;
}

/** Starts docker-registry with TLS, with client certificates demanded, with plain HTTP, and behind a gateway. */
export async function startConnectionCells(): Promise<ConnectionCells> {
  const authority = await makeAuthority();
  const folder = (await newFolder()).fsPath;
  const save = async (name: string, text: string) => {
    await writeFile(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const { ca } = authority;
  const tls = { ca, ...(await authority.issue({ hosts: 'IP:127.0.0.2,DNS:registry.test' })) };
  const client = await authority.issue({ name: 'Test client' });
  await authority.dispose();
  const demand = ['X-Gateway-Key', 'a key'] as const;
  const secure = await startFilled({ tls }, { ca });
  const mutual = await startFilled({ tls, clientAuthority: ca }, { ca, clientCertificate: client });
  const plain = await startFilled({ address: '127.0.0.2' }, { plainHttp: true });
  const gateway = await startGateway({ upstream: plain.host, tls, demand });
  const caFile = await save('ca.pem', ca);
  const clientCert = await save('client.pem', client.cert);
  const clientKey = await save('client.key', client.key);
  return {
    entries: {
      'a CA file': { host: secure.host, caFile },
      'a client certificate': { host: mutual.host, caFile, clientCert, clientKey },
      'verification skipped': { host: secure.host, insecure: true },
      'plain HTTP': { host: plain.host, plainHttp: true },
      'extra headers': { host: gateway.host, caFile, headers: Object.fromEntries([demand]) },
      'another address': { host: 'registry.test:5000', caFile, resolve: secure.host },
    },
    gateway,
    stop: async () => {
      await gateway.stop();
      await Promise.all([secure, mutual, plain].map((registry) => registry.stop()));
    },
  };
}

async function startFilled(options: DockerRegistryOptions, endpoint: Partial<Endpoint>) {
  const registry = await startDockerRegistry(options);
  const transport = testTransport({ endpoint: { plainHttp: false, ...endpoint } });
  const repository = new Registry(registry.host, transport).repository(cellRepository);
  const manifest = await pushArtifact(repository, [titled('sample.txt', 'a sample')]);
  await repository.tag(manifest, 'v1');
  return registry;
}

function titled(title: string, text: string): ReturnType<typeof textBlob> {
  const { bytes, descriptor } = textBlob(text);
  return { bytes, descriptor: { ...descriptor, annotations: { 'org.opencontainers.image.title': title } } };
}
