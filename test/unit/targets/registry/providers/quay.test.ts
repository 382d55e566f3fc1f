import assert from 'node:assert/strict';
import { SignInRequiredError } from '../../../../../src/oci/errors';
import { quay as provider } from '../../../../../src/targets/registry/providers/quay';
import { collect } from '../../../../support/artifacts';
import { account, accountCredential, basic } from '../../../../support/recorded/account';
import { json } from '../../../../support/recorded/answers';
import { hostedRegistry } from '../../../../support/recorded/hostedRegistry';
import { quayServer } from '../../../../support/recorded/quay';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../../support/scriptedServer';

const oauth = { kind: 'basic', username: '$oauthtoken', password: account.password } as const;
const robot = { kind: 'basic', username: 'team+ci', password: account.password } as const;

describe('Quay', () => {
  let server: ScriptedServer;
  afterEach(() => server.stop());
  const start = async (script: Script) => {
    server = await startScriptedServer(script);
    return { host: server.host, provider };
  };

  it("lists an organization's public repositories, page by page", async () => {
    const options = await start(quayServer());
    const names = await collect(hostedRegistry({ ...options, namespaces: ['team'] }).repositories());
    assert.deepEqual(names, ['team/a', 'team/b', 'team/c']);
    assert.deepEqual(server.lines(), [
      'GET /api/v1/repository?namespace=team&public=true',
      'GET /api/v1/repository?namespace=team&public=true&next_page=gAAAAABl',
    ]);
  });

  it('lists private ones with an OAuth access token', async () => {
    const options = await start(quayServer());
    const names = await collect(
      hostedRegistry({ ...options, namespaces: ['team'], credential: oauth }).repositories(),
    );
    assert.deepEqual(names, ['team/a', 'team/b', 'team/private']);
  });

  it('keeps any other sign-in from the API, which does not take it', async () => {
    const options = await start(quayServer());
    await collect(hostedRegistry({ ...options, namespaces: ['team'], credential: robot }).repositories());
    for (const { headers } of server.seen) assert.equal(headers.authorization, undefined);
  });

  it('signs a robot account in to the registry and lists its catalog where no organization is named', async () => {
    const options = await start(quayServer(robot.username));
    assert.deepEqual(await collect(hostedRegistry({ ...options, credential: robot }).repositories()), [
      'team/visible',
    ]);
    const toTokenServer = server.seen.filter(({ line }) => line.startsWith('GET /v2/auth'));
    assert.deepEqual(
      toTokenServer.map(({ headers }) => headers.authorization),
      [basic(robot.username)],
    );
  });

  it('falls back to the catalog where there is no such API', async () => {
    const options = await start(({ line }) =>
      line.startsWith('GET /api/') ? { status: 404 } : json({ repositories: ['team/a'] }),
    );
    const names = await collect(hostedRegistry({ ...options, namespaces: ['team'] }).repositories());
    assert.deepEqual(names, ['team/a']);
  });

  it('removes a tag by the API with an OAuth access token, else as the spec says', async () => {
    const options = await start(quayServer('$oauthtoken'));
    await hostedRegistry({ ...options, credential: oauth })
      .repository('team/a')
      .untag('v1');
    assert.deepEqual(server.lines(), ['DELETE /api/v1/repository/team/a/tag/v1']);
    await hostedRegistry(options).repository('team/a').untag('v1');
    assert.equal(server.lines().at(-1), 'DELETE /v2/team/a/manifests/v1');
  });

  it('deletes a repository with an OAuth access token alone', async () => {
    const options = await start(quayServer());
    await hostedRegistry({ ...options, credential: oauth }).removeRepository('team/a');
    assert.deepEqual(server.lines(), ['DELETE /api/v1/repository/team/a']);
    await assert.rejects(hostedRegistry(options).removeRepository('team/a'), /does not support deleting/);
  });

  it('says that a refused sign-in is to be renewed', async () => {
    const options = await start(quayServer());
    const expired = { ...oauth, password: 'expired' };
    await assert.rejects(
      collect(hostedRegistry({ ...options, namespaces: ['team'], credential: expired }).repositories()),
      (error) => error instanceof SignInRequiredError && error.credentialsSent,
    );
  });

  it('tells what it is by its token server', async () => {
    const options = await start(quayServer());
    const { kind } = await hostedRegistry({ ...options, credential: accountCredential }).ping();
    assert.equal(kind, 'quay');
  });
});
