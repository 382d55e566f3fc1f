import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/host/commandIds';
import { encryptKey, makeAuthority } from '../../support/certificateAuthority';
import { startProxy } from '../../support/proxy';
import { answering } from '../support/dialogs';
import { row } from '../support/flows';
import { resetHttpSettings, useHttpSettings } from '../support/network';
import { useMachine, useRegistries } from '../support/registries';
import type { Flow } from './flow';
import type { Stage } from './stage';
import { failToPull, useArtifact } from './steps';

/** Secrets of the way to a registry: client keys, passwords of proxies, the user's own headers. */
export const networkFlows: readonly Flow[] = [
  { name: 'a client certificate and its key', peers: ['openssl'], run: clientCertificate },
  { name: 'client keys that cannot be used', peers: ['openssl'], run: unusableKeys },
  { name: 'a proxy with a password', peers: ['tinyproxy', 'openssl'], run: proxyWithPassword },
  { name: 'a proxy that refuses its password', peers: ['tinyproxy', 'openssl'], run: proxyThatRefuses },
  { name: 'a proxy that repeats its password', run: echoingProxy },
  { name: 'a proxy that is down', run: proxyThatIsDown },
  { name: 'a header of the settings that a registry repeats', run: echoedHeader },
];

interface MutualTls {
  readonly host: string;
  readonly caFile: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** The key's PEM text. */
  readonly key: string;
  /** Saves a file beside the others, until the flow is over. */
  readonly save: (name: string, text: string) => Promise<string>;
}

/** A registry that lets in who has the client certificate, in the settings by its authority alone. */
async function startMutualTls(stage: Stage): Promise<MutualTls> {
  const authority = await makeAuthority();
  const { ca } = authority;
  const [server, client] = [await authority.issue(), await authority.issue({ name: 'Test client' })];
  await authority.dispose();
  noticeKey(stage, 'the client key', client.key);
  const save = saver(stage);
  const { host } = await stage.registry({ tls: { ca, ...server }, clientAuthority: ca });
  const caFile = await save('ca.pem', ca);
  await useRegistries({ host, caFile });
  const [clientCert, clientKey] = [
    await save('client.pem', client.cert),
    await save('client.key', client.key),
  ];
  return { host, caFile, clientCert, clientKey, key: client.key, save };
}

/** Files that the user keeps are not searched: they are gone by then. */
function saver(stage: Stage): MutualTls['save'] {
  const folder = path.join(homedir(), 'canary-certificates');
  stage.cleanup(() => rm(folder, { recursive: true, force: true }));
  return async (name, text) => {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, name), text);
    return path.join(folder, name);
  };
}

/** A line of the body: the first says of which kind the key is. */
function noticeKey(stage: Stage, name: string, pem: string): void {
  const [, , line = ''] = pem.split('\n');
  stage.canary.notice(name, line.slice(0, 40));
}

async function clientCertificate(stage: Stage): Promise<void> {
  const { host, clientCert, clientKey } = await startMutualTls(stage);
  const opens = [[vscode.Uri.file(clientCert)], [vscode.Uri.file(clientKey)]];
  const shown = await answering({ opens }, async () =>
    vscode.commands.executeCommand(commandIds.chooseClientCertificate, row(host)),
  );
  assert.deepEqual(shown.errors, []);
  stage.lookAtMessages('the choice of a client certificate', shown);
  await useArtifact(stage, host);
  await useMachine();
}

async function unusableKeys(stage: Stage): Promise<void> {
  const { host, key, save, ...files } = await startMutualTls(stage);
  const encrypted = await encryptKey(key);
  noticeKey(stage, 'the encrypted client key', encrypted);
  const other = await makeAuthority();
  const stranger = await other.issue();
  await other.dispose();
  noticeKey(stage, "another certificate's key", stranger.key);
  const cases: readonly (readonly [text: string, reason: RegExp])[] = [
    [encrypted, /is encrypted/],
    [stranger.key, /does not belong to/],
    [key.replace('-----END', '*****END'), /no private key in PEM format/],
  ];
  for (const [text, reason] of cases) {
    const clientKey = await save('unusable.key', text);
    await useRegistries({ host, caFile: files.caFile, clientCert: files.clientCert, clientKey });
    await failToPull(stage, host, reason);
  }
}

/** The address of a proxy with a user name and a marked password in it, as settings have it. */
function proxyAddress(stage: Stage, proxy: string, password = stage.canary.word('proxy')): string {
  stage.cleanup(resetHttpSettings);
  return `http://proxy-user:${password}@${proxy}`;
}

async function proxyWithPassword(stage: Stage): Promise<void> {
  const password = stage.canary.word('proxy');
  const proxy = await startProxy({ login: `proxy-user:${password}` });
  stage.cleanup(() => proxy.stop());
  await useHttpSettings({ proxy: proxyAddress(stage, proxy.host, password) });
  const plain = await stage.registry({ address: '127.0.0.2' });
  await useArtifact(stage, plain.host);
  await useSecure(stage, (host) => useArtifact(stage, host));
  const requests = proxy.requests().join('\n');
  assert.match(requests, /^CONNECT 127\.0\.0\.2:/m);
  assert.match(requests, new RegExp(`http://${plain.host}/`));
}

/** Plays with a registry with TLS off localhost. */
async function useSecure(stage: Stage, play: (host: string) => Promise<void>): Promise<void> {
  const authority = await makeAuthority();
  const { ca } = authority;
  const pair = await authority.issue();
  await authority.dispose();
  const { host } = await stage.registry({ tls: { ca, ...pair } });
  await useRegistries({ host, caFile: await saver(stage)('ca.pem', ca) });
  await play(host);
}

async function proxyThatRefuses(stage: Stage): Promise<void> {
  const proxy = await startProxy({ login: `proxy-user:${stage.canary.word('right')}` });
  stage.cleanup(() => proxy.stop());
  await useHttpSettings({ proxy: proxyAddress(stage, proxy.host) });
  const plain = await stage.registry({ address: '127.0.0.2' });
  await failToPull(stage, plain.host, /PROXY_REFUSED|401/);
  await useSecure(stage, (host) => failToPull(stage, host, /PROXY_REFUSED|401/));
}

async function echoingProxy(stage: Stage): Promise<void> {
  for (const status of [407, 403, 501]) {
    const proxy = await stage.server(
      ({ headers: { 'proxy-authorization': sent = '' }, line }) => ({
        status,
        headers: { Warning: `299 - "${sent}"`, 'Proxy-Authenticate': 'Basic realm="x"' },
        body: `${line}: ${sent} is ${Buffer.from(sent.replace('Basic ', ''), 'base64').toString()}`,
      }),
      { listed: false },
    );
    await useHttpSettings({ proxy: proxyAddress(stage, proxy) });
    const { host } = await stage.registry({ address: '127.0.0.2' });
    await failToPull(stage, host, new RegExp(`PROXY_REFUSED|${status}|denied`));
  }
}

async function proxyThatIsDown(stage: Stage): Promise<void> {
  await useHttpSettings({ proxy: proxyAddress(stage, '127.0.0.1:9') });
  const { host } = await stage.registry({ address: '127.0.0.2' });
  await failToPull(stage, host, /PROXY_UNREACHABLE|ECONNREFUSED/);
}

async function echoedHeader(stage: Stage): Promise<void> {
  const host = await stage.server(
    ({ headers }) => ({
      status: 403,
      body: JSON.stringify({ message: `sent ${String(headers['x-gateway-key'])}` }),
    }),
    { listed: false },
  );
  // Settings are plain text: what is searched for is what becomes of it, so it is no longer in them by then.
  await useRegistries({ host, plainHttp: true, headers: { 'X-Gateway-Key': stage.canary.word('header') } });
  await failToPull(stage, host, /sent/);
}
