import assert from 'node:assert/strict';
import { InvalidReferenceError, RegistryError, SignInRequiredError } from '../../../../../src/oci/errors';
import { harbor as provider } from '../../../../../src/targets/registry/providers/harbor';
import { collect } from '../../../../support/artifacts';
import { accountCredential } from '../../../../support/recorded/account';
import { json, webPage } from '../../../../support/recorded/answers';
import { harborServer } from '../../../../support/recorded/harbor';
import { hostedRegistry } from '../../../../support/recorded/hostedRegistry';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../../support/scriptedServer';

describe('Harbor', () => {
  let server: ScriptedServer;
  const removed: string[] = [];
  afterEach(async () => {
    removed.length = 0;
    await server.stop();
  });
  const start = async (script: Script = harborServer(removed)) => {
    server = await startScriptedServer(script);
    return { host: server.host, provider, credential: accountCredential };
  };

  it('lists the repositories of all projects, page by page', async () => {
    const names = await collect(hostedRegistry(await start()).repositories());
    assert.deepEqual(names, ['library/alpine', 'private/app', 'team/a', 'team/b', 'team/charts/web']);
    assert.deepEqual(server.lines(), [
      'GET /api/v2.0/projects?page_size=100',
      'GET /api/v2.0/projects/library/repositories?page_size=100',
      'GET /api/v2.0/projects/private/repositories?page_size=100',
      'GET /api/v2.0/projects?page=2&page_size=100',
      'GET /api/v2.0/projects/team/repositories?page_size=100',
      'GET /api/v2.0/projects/team/repositories?page=2&page_size=100',
    ]);
  });

  it('lists public projects without a sign-in, and only the projects of the settings where there are some', async () => {
    const { host } = await start();
    assert.deepEqual(await collect(hostedRegistry({ host, provider }).repositories()), ['library/alpine']);
    const chosen = hostedRegistry({ host, provider, credential: accountCredential, namespaces: ['private'] });
    assert.deepEqual(await collect(chosen.repositories()), ['private/app']);
  });

  for (const [title, answer] of [
    ['a web page', webPage],
    ['404', { status: 404 }],
  ] as const) {
    it(`falls back to the catalog where its API answers ${title}`, async () => {
      const options = await start(({ line }) =>
        line.startsWith('GET /api/') ? answer : json({ repositories: ['a'] }),
      );
      assert.deepEqual(await collect(hostedRegistry(options).repositories()), ['a']);
    });
  }

  it('says that a refused sign-in is to be renewed', async () => {
    const options = await start();
    const wrong = { ...accountCredential, password: 'wrong' } as const;
    await assert.rejects(
      collect(hostedRegistry({ ...options, credential: wrong }).repositories()),
      (error) => error instanceof SignInRequiredError && error.credentialsSent,
    );
  });

  it('removes a tag alone and a repository, slashes encoded twice', async () => {
    const registry = hostedRegistry(await start());
    await registry.repository('team/charts/web').untag('v1');
    await registry.removeRepository('team/charts/web');
    assert.deepEqual(removed, [
      '/projects/team/repositories/charts%252Fweb/artifacts/v1/tags/v1',
      '/projects/team/repositories/charts%252Fweb',
    ]);
  });

  it('sends nothing for a name or tag that would lead elsewhere', async () => {
    const registry = hostedRegistry(await start());
    await assert.rejects(registry.repository('team/a').untag('../../x'), InvalidReferenceError);
    await assert.rejects(registry.removeRepository('team/../..'), InvalidReferenceError);
    assert.equal(server.seen.length, 0);
  });

  it('passes on why an immutable tag stays', async () => {
    const target = hostedRegistry(await start()).repository('team/a');
    await assert.rejects(
      target.untag('release'),
      (error) =>
        error instanceof RegistryError &&
        error.status === 412 &&
        /configured as immutable/.test(error.message),
    );
  });

  it('removes a tag as the spec says where its API is not there', async () => {
    const options = await start(({ line }) => ({ status: line.startsWith('DELETE /api/') ? 405 : 202 }));
    await hostedRegistry(options).repository('team/a').untag('v1');
    assert.deepEqual(server.lines(), [
      'DELETE /api/v2.0/projects/team/repositories/a/artifacts/v1/tags/v1',
      'DELETE /v2/team/a/manifests/v1',
    ]);
  });

  it('tells what it is by its token server', async () => {
    assert.equal((await hostedRegistry(await start()).ping()).kind, 'harbor');
  });
});
