import assert from 'node:assert/strict';
import { NotFoundError, SignInRequiredError, UnsupportedError } from '../../../../../src/oci/errors';
import { gitlab as provider } from '../../../../../src/targets/registry/providers/gitlab';
import { collect, manifestOf } from '../../../../support/artifacts';
import { account, accountCredential, basic } from '../../../../support/recorded/account';
import { webPage } from '../../../../support/recorded/answers';
import { gitlabRegistry, gitlabServer } from '../../../../support/recorded/gitlab';
import { hostedRegistry } from '../../../../support/recorded/hostedRegistry';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../../support/scriptedServer';

const subject = manifestOf([]);

describe('GitLab Container Registry', () => {
  let gitlab: ScriptedServer;
  let registry: ScriptedServer;
  const removed: string[] = [];
  afterEach(async () => {
    removed.length = 0;
    await Promise.all([gitlab.stop(), registry.stop()]);
  });

  const start = async (script: Script = gitlabServer(removed)) => {
    gitlab = await startScriptedServer(script);
    registry = await startScriptedServer(
      gitlabRegistry(gitlab.host, { digest: subject.descriptor.digest, bytes: subject.bytes }),
    );
    return { host: registry.host, provider, credential: accountCredential };
  };

  it("lists a project's repositories by the API on the token server's host, page by page", async () => {
    const options = await start();
    const names = await collect(hostedRegistry({ ...options, namespaces: ['group/project'] }).repositories());
    assert.deepEqual(names, ['group/project', 'group/project/web', 'group/project/web/proxy']);
    const place = '/api/v4/projects/group%2Fproject/registry/repositories';
    assert.deepEqual(
      gitlab.lines().filter((line) => line.includes('/api/')),
      [`GET ${place}?per_page=100`, `GET ${place}?page=2&per_page=100`],
    );
  });

  it("lists a group's where there is no such project, and names a path that is neither", async () => {
    const options = await start();
    const names = await collect(hostedRegistry({ ...options, namespaces: ['group'] }).repositories());
    assert.equal(names.at(-1), 'group/other');
    await assert.rejects(
      collect(hostedRegistry({ ...options, namespaces: ['none'] }).repositories()),
      (error) => error instanceof NotFoundError && /project or group "none"/.test(error.message),
    );
  });

  it('asks to sign in where no project is named, and lists nothing for who is no administrator', async () => {
    const { host, credential } = await start();
    await assert.rejects(
      collect(hostedRegistry({ host, provider }).repositories()),
      (error) => error instanceof SignInRequiredError && !error.credentialsSent,
    );
    assert.deepEqual(await collect(hostedRegistry({ host, provider, credential }).repositories()), []);
  });

  it('keeps a deploy token from the API, which does not take it', async () => {
    const options = await start();
    for (const deployToken of [
      { kind: 'basic', username: 'ci', password: 'gldt-marked-secret' },
      { kind: 'basic', username: 'gitlab+deploy-token-1', password: account.password },
    ] as const) {
      const target = hostedRegistry({ ...options, credential: deployToken, namespaces: ['group/project'] });
      await assert.rejects(collect(target.repositories()));
    }
    assert.ok(gitlab.lines().every((line) => line.startsWith('GET /jwt/auth')));
  });

  it('gives the token to the host that it signs in to, and to no host that this one leads to', async () => {
    const elsewhere = await startScriptedServer(() => webPage);
    try {
      const options = await start((request) =>
        request.line.includes('/api/')
          ? { status: 302, headers: { Location: `http://${elsewhere.host}/users/sign_in` } }
          : gitlabServer(removed)(request),
      );
      const target = hostedRegistry({ ...options, namespaces: ['group/project'] });
      await assert.rejects(collect(target.repositories()));
      const secrets = gitlab.seen.map(({ headers }) => headers.authorization);
      assert.deepEqual([...new Set(secrets)].sort(), [`Bearer ${account.password}`, basic()].sort());
      assert.ok(elsewhere.seen.length > 0);
      for (const { headers } of elsewhere.seen) assert.equal(headers.authorization, undefined);
    } finally {
      await elsewhere.stop();
    }
  });

  it('removes a tag alone and a repository by the id that the project knows', async () => {
    const target = hostedRegistry(await start());
    await target.repository('group/project/web/proxy').untag('v1');
    await target.removeRepository('group/project/web');
    const place = '/api/v4/projects/group%2Fproject/registry/repositories';
    assert.deepEqual(removed, [`${place}/3/tags/v1`, `${place}/2`]);
  });

  it('removes a tag as the spec says where the API is not there', async () => {
    const options = await start((request) =>
      request.line.includes('/api/') ? webPage : gitlabServer(removed)(request),
    );
    await hostedRegistry(options).repository('group/project').untag('v1');
    assert.equal(registry.lines().at(-1), 'DELETE /v2/group/project/manifests/v1');
    await assert.rejects(hostedRegistry(options).removeRepository('group/project'), UnsupportedError);
  });

  it('does not take the tag sha256-<hex>, which GitLab reads as the digest, for a list of referrers', async () => {
    const target = hostedRegistry(await start()).repository('group/project');
    assert.deepEqual(await collect(target.referrers(subject.descriptor)), []);
    const { digest } = subject.descriptor;
    assert.equal(registry.lines().at(-1), `GET /v2/group/project/manifests/${digest.replace(':', '-')}`);
  });

  it('tells what it is by its token server', async () => {
    assert.equal((await hostedRegistry(await start()).ping()).kind, 'gitlab');
  });
});
