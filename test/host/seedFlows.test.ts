import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { makeCertificates, type Certificates } from '../support/certificates';
import {
  startDockerRegistry,
  type DockerRegistry,
  type DockerRegistryOptions,
} from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testAccount } from '../support/testAccount';
import { startTokenIssuer } from '../support/tokenIssuer';
import { answering } from './support/dialogs';
import {
  newFolder,
  pullByCommand,
  pushByCommand,
  signInByCommand,
  signOutByCommand,
  workspaceFolder,
} from './support/flows';
import { storeSignInsIn, useRegistries, type RegistryEntry } from './support/registries';

const { username, password } = testAccount;
const sample = 'config/app.yaml';

/** Pushes the sample, pulls it into a new folder, and compares the bytes. */
async function roundTrip(host: string, repository: string): Promise<void> {
  const file = vscode.Uri.joinPath(workspaceFolder(), sample);
  const pushed = await pushByCommand([file], `${host}/${repository}:v1`);
  assert.deepEqual(pushed.errors, []);
  assert.match(pushed.information.join(), /^Pushed .* Digest: sha256:[0-9a-f]{64}$/);
  const folder = await newFolder();
  const pulled = await pullByCommand([host, repository, 'v1'], folder);
  assert.deepEqual(pulled.errors, []);
  const received = await readFile(path.join(folder.fsPath, sample));
  assert.ok(received.equals(await readFile(file.fsPath)));
}

async function dockerAuths(): Promise<Record<string, { auth?: string }>> {
  const file = path.join(process.env['DOCKER_CONFIG'] ?? '', 'config.json');
  const { auths = {} } = JSON.parse(await readFile(file, 'utf8')) as {
    auths?: Record<string, { auth?: string }>;
  };
  return auths;
}

describe('seed flows, against docker-registry', () => {
  const registries: DockerRegistry[] = [];
  let certificates: Certificates;

  before(async function () {
    this.timeout(60_000);
    peerOrSkip(this, 'docker-registry');
    peerOrSkip(this, 'openssl');
    certificates = await makeCertificates();
    await vscode.extensions.getExtension('oci-artifacts.oci-artifacts')?.activate();
  });

  after(async () => {
    await Promise.all(registries.map((registry) => registry.stop()));
    await useRegistries();
    await storeSignInsIn('ask');
  });

  async function start(options: DockerRegistryOptions, entry: Omit<RegistryEntry, 'host'>): Promise<string> {
    const registry = await startDockerRegistry(options);
    registries.push(registry);
    await useRegistries({ host: registry.host, ...entry });
    return registry.host;
  }

  it('distribution, open', async () => {
    const host = await start({}, { plainHttp: true });
    await roundTrip(host, 'flows/open');
  });

  it('distribution, htpasswd: login writes the docker config entry, logout removes it', async () => {
    const host = await start({ auth: 'htpasswd' }, { plainHttp: true });
    await storeSignInsIn('dockerConfig');
    const signedIn = await signInByCommand(host, username, password);
    assert.match(signedIn.information.join(), /^Signed in to .* Stored in .*config\.json/);
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    assert.deepEqual((await dockerAuths())[host], { auth });
    await roundTrip(host, 'flows/htpasswd');
    const signedOut = await signOutByCommand(host);
    assert.match(signedOut.information.join(), /^Signed out of .*config\.json/);
    assert.equal((await dockerAuths())[host], undefined);
    const refused = await pullByCommand([host, 'flows/htpasswd', 'v1'], await newFolder());
    assert.match(refused.errors.join(), /asks you to sign in/);
  });

  it('distribution, htpasswd: login kept in VS Code leaves the docker config alone', async () => {
    const host = await start({ auth: 'htpasswd' }, { plainHttp: true });
    await storeSignInsIn('secretStorage');
    const signedIn = await signInByCommand(host, username, password);
    assert.match(signedIn.information.join(), /Stored in VS Code/);
    assert.equal((await dockerAuths())[host], undefined);
    await roundTrip(host, 'flows/secret');
    await signOutByCommand(host);
    const again = await signOutByCommand(host);
    assert.match(again.information.join(), /^Not signed in to/);
  });

  it('distribution, htpasswd: a wrong password is refused and stored nowhere', async () => {
    const host = await start({ auth: 'htpasswd' }, { plainHttp: true });
    await storeSignInsIn('dockerConfig');
    const refused = await signInByCommand(host, username, 'wrong');
    assert.match(refused.errors.join(), /refused the credentials/);
    assert.ok(!refused.errors.join().includes('wrong'));
    assert.equal((await dockerAuths())[host], undefined);
  });

  it('an open registry says that it never looked at the password', async () => {
    const host = await start({}, { plainHttp: true });
    await storeSignInsIn('secretStorage');
    const { information } = await signInByCommand(host, username, password);
    assert.match(information.join(), /is open: it did not look at the user name and password/);
    await signOutByCommand(host);
  });

  it('insecure registry by IP', async () => {
    const host = await start({ tls: certificates, auth: 'htpasswd' }, { insecure: true });
    assert.match(host, /^127\.0\.0\.2:/);
    await storeSignInsIn('dockerConfig');
    await signInByCommand(host, username, password);
    await roundTrip(host, 'flows/insecure');
    await signOutByCommand(host);
  });

  it('registry with a private CA, by a CA file', async () => {
    const folder = await newFolder();
    const caFile = path.join(folder.fsPath, 'ca.pem');
    await writeFile(caFile, certificates.ca);
    const host = await start({ tls: certificates }, { caFile });
    await roundTrip(host, 'flows/ca');
  });

  it('an untrusted certificate is refused, with the code and a next step', async () => {
    const host = await start({ tls: certificates }, {});
    const { errors } = await pullByCommand([host, 'flows/none', 'v1'], await newFolder());
    assert.match(errors.join(), new RegExp(`Cannot reach ${host}.*UNABLE_TO_VERIFY_LEAF_SIGNATURE`));
  });

  it('plain HTTP', async () => {
    const host = await start({}, {});
    const refused = await pullByCommand([host, 'flows/plain', 'v1'], await newFolder());
    assert.match(refused.errors.join(), /Cannot reach/);
    const asked = await answering({ warning: 'Continue' }, async () =>
      vscode.commands.executeCommand('ociArtifacts.usePlainHttp', { target: { host } }),
    );
    assert.match(asked.warnings.join(), /Use plain HTTP/);
    await roundTrip(host, 'flows/plain');
  });

  it('distribution, token: signs in for each scope', async function () {
    const issuer = await startTokenIssuer();
    try {
      const host = await start({ auth: issuer }, { plainHttp: true });
      await storeSignInsIn('dockerConfig');
      await signInByCommand(host, username, password);
      await roundTrip(host, 'flows/token');
      await signOutByCommand(host);
    } finally {
      await issuer.stop();
    }
  });

  it('a docker config that is not JSON is reported and left untouched', async () => {
    const host = await start({ auth: 'htpasswd' }, { plainHttp: true });
    const file = path.join(process.env['DOCKER_CONFIG'] ?? '', 'config.json');
    const before = await readFile(file, 'utf8').catch(() => undefined);
    await writeFile(file, '{ "auths": broken');
    try {
      await storeSignInsIn('dockerConfig');
      const { errors } = await signInByCommand(host, username, password);
      assert.match(errors.join(), /config\.json.*not JSON/);
      assert.equal(await readFile(file, 'utf8'), '{ "auths": broken');
    } finally {
      await (before === undefined ? rm(file) : writeFile(file, before));
    }
  });
});
