import assert from 'node:assert/strict';
import { digestOf } from '../../../../../src/oci/digest';
import { NotFoundError, SignInRequiredError, UnsupportedError } from '../../../../../src/oci/errors';
import { github, githubWith } from '../../../../../src/targets/registry/providers/github';
import { collect, manifestOf } from '../../../../support/artifacts';
import { account, accountCredential } from '../../../../support/recorded/account';
import { webPage } from '../../../../support/recorded/answers';
import { githubApi, githubRegistry, type PackageVersion } from '../../../../support/recorded/github';
import { hostedRegistry } from '../../../../support/recorded/hostedRegistry';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../../support/scriptedServer';

const digests = ['a', 'b', 'c'].map((text) => digestOf(text));
const allVersions = (): PackageVersion[] => digests.map((digest, at) => ({ id: 70 + at, digest }));
const manifestAt = (digest: (typeof digests)[number]) => ({ ...manifestOf([]).descriptor, digest });

describe('GitHub Container Registry', () => {
  let api: ScriptedServer;
  let registry: ScriptedServer;
  afterEach(() => Promise.all([api.stop(), registry.stop()]));

  const start = async (apiScript: Script = githubApi([])) => {
    api = await startScriptedServer(apiScript);
    registry = await startScriptedServer(githubRegistry);
    const provider = githubWith(() => ({ host: api.host, prefix: '' }));
    return { host: registry.host, provider, credential: accountCredential };
  };

  it("lists the user's packages and those of owners, organizations and users alike, in lower case", async () => {
    const options = await start();
    const names = await collect(
      hostedRegistry({ ...options, namespaces: ['MyOrg', 'friend'] }).repositories(),
    );
    assert.deepEqual(names, [
      'someone/app',
      'someone/notes',
      'someone/tools',
      'myorg/tools/cli',
      'myorg/charts',
      'friend/thing',
    ]);
    assert.deepEqual(api.lines(), [
      'GET /user/packages?package_type=container&per_page=100',
      'GET /user/packages?package_type=container&per_page=100&page=2',
      'GET /orgs/MyOrg/packages?package_type=container&per_page=100',
      'GET /orgs/friend/packages?package_type=container&per_page=100',
      'GET /users/friend/packages?package_type=container&per_page=100',
    ]);
  });

  it('asks to sign in where nobody is', async () => {
    const { host, provider } = await start();
    await assert.rejects(
      collect(hostedRegistry({ host, provider }).repositories()),
      (error) => error instanceof SignInRequiredError && error.host === host && !error.credentialsSent,
    );
  });

  it('lists by the catalog, an owner at a time, where the API is not there', async () => {
    const options = await start(() => webPage);
    const names = await collect(hostedRegistry({ ...options, namespaces: ['MyOrg'] }).repositories());
    assert.deepEqual(names, ['someone/app', 'myorg/a', 'myorg/b']);
    const lines = registry.lines().filter((line) => line.includes('_catalog'));
    assert.equal(lines.at(-1), 'GET /v2/_catalog?n=1000&last=myorg%2F');
  });

  it('gives the token to the API as a bearer token, and to no host that it leads to', async () => {
    const elsewhere = await startScriptedServer(() => webPage);
    try {
      const location = `http://${elsewhere.host}/login`;
      const options = await start(() => ({ status: 302, headers: { Location: location } }));
      await collect(hostedRegistry({ ...options, namespaces: ['MyOrg'] }).repositories());
      assert.equal(api.seen[0]?.headers.authorization, `Bearer ${account.password}`);
      assert.ok(elsewhere.seen.length > 0);
      for (const { headers } of elsewhere.seen) assert.equal(headers.authorization, undefined);
    } finally {
      await elsewhere.stop();
    }
  });

  it('deletes a manifest by the version that has its digest, on a later page too', async () => {
    const versions = allVersions();
    const options = await start(githubApi(versions, ['delete:packages']));
    const [, , digest = digestOf('')] = digests;
    await hostedRegistry(options).repository('myorg/tools/cli').remove(manifestAt(digest));
    assert.deepEqual(
      versions.map(({ id }) => id),
      [70, 71],
    );
    assert.ok(registry.lines().every((line) => !line.startsWith('DELETE')));
  });

  it('deletes a whole package, and names a manifest that no version has', async () => {
    const versions = allVersions();
    const options = await start(githubApi(versions, ['delete:packages']));
    const missing = hostedRegistry(options)
      .repository('myorg/tools/cli')
      .remove(manifestAt(digestOf('other')));
    await assert.rejects(missing, NotFoundError);
    await hostedRegistry(options).removeRepository('myorg/tools/cli');
    assert.deepEqual(versions, []);
  });

  it('says which right is missing when it must not delete', async () => {
    const options = await start(githubApi(allVersions(), ['read:packages']));
    const [digest = digestOf('')] = digests;
    await assert.rejects(
      hostedRegistry(options).repository('myorg/tools/cli').remove(manifestAt(digest)),
      (error) => error instanceof SignInRequiredError && /delete:packages/.test(error.message),
    );
  });

  it('has no way to remove a tag alone', async () => {
    const options = await start();
    await assert.rejects(hostedRegistry(options).repository('someone/app').untag('v1'), UnsupportedError);
  });

  it('finds referrers by the tag schema where the API leads to a web page', async () => {
    const options = await start();
    const [digest = digestOf('')] = digests;
    const found = hostedRegistry(options).repository('someone/app').referrers({ digest });
    assert.deepEqual(await collect(found), []);
    assert.equal(registry.lines().at(-1), `GET /v2/someone/app/manifests/${digest.replace(':', '-')}`);
    assert.ok(registry.lines().includes('GET /login'));
  });

  it('is known on GitHub and on GitHub Enterprise Cloud, and has no API where the host does not tell', async () => {
    await start();
    for (const host of ['ghcr.io', 'containers.corp.ghe.com']) assert.ok(github.matches(host), host);
    for (const host of ['ghcr.io.evil.test', 'containers.evil.test']) assert.ok(!github.matches(host), host);
    const options = { host: registry.host, provider: github, credential: accountCredential };
    assert.deepEqual(await collect(hostedRegistry(options).repositories()), ['someone/app']);
    assert.equal(api.seen.length, 0);
  });
});
