import assert from 'node:assert/strict';
import type { Credential } from '../../../../../src/oci/credential';
import { messageOf } from '../../../../../src/oci/errors';
import { amazonEcr } from '../../../../../src/targets/registry/providers/amazonEcr';
import { dockerHubWith } from '../../../../../src/targets/registry/providers/dockerHub';
import { githubWith } from '../../../../../src/targets/registry/providers/github';
import { gitlab } from '../../../../../src/targets/registry/providers/gitlab';
import { googleArtifactRegistry } from '../../../../../src/targets/registry/providers/googleArtifactRegistry';
import { harbor } from '../../../../../src/targets/registry/providers/harbor';
import { kindOf } from '../../../../../src/targets/registry/providers/kindOf';
import type { RegistryProvider } from '../../../../../src/targets/registry/providers/provider';
import { quay } from '../../../../../src/targets/registry/providers/quay';
import { account, accountCredential } from '../../../../support/recorded/account';
import { json, jsonError, specError, urlOf } from '../../../../support/recorded/answers';
import { githubApi, githubRegistry } from '../../../../support/recorded/github';
import { gitlabRegistry, gitlabServer } from '../../../../support/recorded/gitlab';
import { harborServer } from '../../../../support/recorded/harbor';
import { hostedRegistry } from '../../../../support/recorded/hostedRegistry';
import { hubApi, hubRegistry } from '../../../../support/recorded/dockerHub';
import { quayServer } from '../../../../support/recorded/quay';
import {
  startScriptedServer,
  type Script,
  type ScriptedAnswer,
  type ScriptedServer,
  type SeenRequest,
} from '../../../../support/scriptedServer';

const login = (username: string): Credential => ({ kind: 'basic', username, password: account.password });

describe('A list of several parts', () => {
  const servers: ScriptedServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  const serve = async (script: Script) => {
    const server = await startScriptedServer(script);
    servers.push(server);
    return server;
  };
  /** The names, and what is said about those that are left out. */
  const listed = async (
    host: string,
    provider: RegistryProvider,
    options: { readonly namespaces?: readonly string[]; readonly credential?: Credential } = {},
  ) => {
    const missing: string[] = [];
    const names: string[] = [];
    const onMissing = (error: unknown) => missing.push(messageOf(error));
    for await (const name of hostedRegistry({ host, provider, ...options }).repositories({ onMissing }))
      names.push(name);
    return { names, missing };
  };

  describe('of GitHub', () => {
    const refusing = () => jsonError(403, { message: 'Resource not accessible by integration' });
    const start = async (script: Script) => {
      const api = await serve(script);
      const registry = await serve(githubRegistry);
      return {
        api,
        host: registry.host,
        registry,
        provider: githubWith(() => ({ host: api.host, prefix: '' })),
      };
    };

    it('comes from the registry where its token is none of the API', async () => {
      const { host, provider } = await start(refusing);
      const options = { namespaces: ['MyOrg'], credential: accountCredential };
      assert.deepEqual(await listed(host, provider, options), {
        names: ['someone/app', 'myorg/a', 'myorg/b'],
        missing: [],
      });
    });

    it('comes from the registry where the API cannot be reached', async () => {
      const { host, provider } = await start(() => ({ cut: true }));
      const { names, missing } = await listed(host, provider, { credential: accountCredential });
      assert.deepEqual(names, ['someone/app']);
      assert.deepEqual(missing, []);
    });

    it('says of each owner that has none, and gives the others', async () => {
      const { host, provider } = await start(githubApi([]));
      const options = { namespaces: ['nobody', 'friend'], credential: accountCredential };
      const { names, missing } = await listed(host, provider, options);
      assert.deepEqual(names, ['someone/app', 'someone/notes', 'someone/tools', 'friend/thing']);
      assert.equal(missing.length, 1);
      assert.match(missing[0] ?? '', /user "nobody" on .* was not found/);
    });

    it('takes no e-mail address for an owner', async () => {
      const { host, registry, provider } = await start(refusing);
      const { names, missing } = await listed(host, provider, { credential: login('me@example.com') });
      assert.deepEqual(names, []);
      assert.equal(missing.length, 1);
      assert.deepEqual(
        registry.lines().filter((line) => line.includes('_catalog')),
        [],
      );
    });
  });

  describe('of Docker Hub', () => {
    const start = async (script: Script = hubApi) => {
      const api = await serve(script);
      const registry = await serve(hubRegistry({ remaining: 5, manifest: '{}' }));
      return { api, host: registry.host, provider: dockerHubWith({ apiHost: api.host }) };
    };

    it('says of a namespace that is not there, and gives the others', async () => {
      const { host, provider } = await start();
      const { names, missing } = await listed(host, provider, { namespaces: ['nobody', 'grafana'] });
      assert.deepEqual(names, ['grafana/grafana', 'grafana/loki', 'grafana/mimir']);
      assert.equal(missing.length, 1);
      assert.match(missing[0] ?? '', /"nobody"/);
    });

    it('gives what is public where the API refuses the sign-in', async () => {
      const { host, provider } = await start();
      const credential: Credential = {
        kind: 'basic',
        username: 'someone',
        password: 'no password of the site',
      };
      const { names, missing } = await listed(host, provider, { credential });
      assert.deepEqual(names, ['someone/app', 'someone/tools']);
      assert.equal(missing.length, 1);
    });

    it('takes no e-mail address for a namespace', async () => {
      const { api, host, provider } = await start();
      const credential = login('me@example.com');
      assert.deepEqual(await listed(host, provider, { credential }), { names: [], missing: [] });
      assert.deepEqual(api.lines(), []);
    });
  });

  describe('of GitLab', () => {
    /** The same site below a path. */
    const below =
      (site: (request: SeenRequest) => ScriptedAnswer) =>
      (request: SeenRequest): ScriptedAnswer => {
        if (!request.line.includes(' /gitlab/')) return { status: 404 };
        const answer = site({ ...request, line: request.line.replace(' /gitlab/', ' /') });
        const link = String(answer.headers?.['Link'] ?? '').replace('/api/', '/gitlab/api/');
        return { ...answer, headers: { ...answer.headers, ...(link && { Link: link }) } };
      };
    const inFrontOf =
      (realm: string, project?: string): Script =>
      (request) => {
        if (!request.headers.authorization?.startsWith('Bearer ')) {
          const challenge = `Bearer realm="${realm}",service="container_registry"`;
          return {
            ...specError(401, 'UNAUTHORIZED', 'authentication required'),
            headers: { 'WWW-Authenticate': challenge },
          };
        }
        if (project !== undefined && request.line.includes(`/v2/${project}/tags/list`))
          return json({ tags: ['v1'] });
        return request.line.includes('_catalog') ? specError(401, 'UNAUTHORIZED', 'no') : json({});
      };

    it('comes from the API below the path of the token server, and nothing goes to another path', async () => {
      const site = await serve(below(gitlabServer([])));
      const registry = await serve(inFrontOf(`http://${site.host}/gitlab/jwt/auth`));
      const options = { namespaces: ['group/project'], credential: accountCredential };
      const { names, missing } = await listed(registry.host, gitlab, options);
      assert.deepEqual(names, ['group/project', 'group/project/web', 'group/project/web/proxy']);
      assert.deepEqual(missing, []);
      assert.ok(site.lines().every((line) => line.includes(' /gitlab/')));
    });

    it('sends no credential to an API whose place is guessed', async () => {
      const site = await serve((request) =>
        request.line.includes(' /auth/tokens') ? json({ token: 'of-a-user' }) : json([]),
      );
      const registry = await serve(inFrontOf(`http://${site.host}/auth/tokens`));
      const options = { namespaces: ['group/project'], credential: accountCredential };
      const { missing } = await listed(registry.host, gitlab, options);
      assert.equal(missing.length, 1);
      assert.deepEqual(
        site.lines().filter((line) => !line.includes(' /auth/tokens')),
        [],
      );
    });

    it('is known by its token server below a path', () => {
      assert.equal(kindOf(new URL('https://example.com/gitlab/jwt/auth')), 'gitlab');
      assert.equal(kindOf(new URL('https://example.com/jwt/auth')), 'gitlab');
    });

    for (const [title, credential] of [
      ['a token that the API refuses', accountCredential],
      ['a deploy token', login('gitlab+deploy-token-1')],
    ] as const) {
      it(`shows a project that is a repository to ${title}, and says that others are hidden`, async () => {
        const site = await serve((request) =>
          urlOf(request).pathname === '/jwt/auth'
            ? json({ token: 'token-of-a-user' })
            : jsonError(403, { error: 'insufficient_scope' }),
        );
        const registry = await serve(inFrontOf(`http://${site.host}/jwt/auth`, 'group/project'));
        const options = { namespaces: ['group/project'], credential };
        const { names, missing } = await listed(registry.host, gitlab, options);
        assert.deepEqual(names, ['group/project']);
        assert.equal(missing.length, 1);
      });
    }

    it('says of a path that is not there, and gives the others', async () => {
      const site = await serve(gitlabServer([]));
      const registry = await serve(gitlabRegistry(site.host));
      const options = { namespaces: ['none', 'group/project'], credential: accountCredential };
      const { names, missing } = await listed(registry.host, gitlab, options);
      assert.equal(names.length, 3);
      assert.equal(missing.length, 1);
      assert.match(missing[0] ?? '', /"none"/);
    });
  });

  describe('of Harbor', () => {
    const without = (refused: RegExp, robot?: string): Script => {
      const server = harborServer([]);
      return (request) => {
        if (refused.test(request.line)) return specError(403, 'FORBIDDEN', 'forbidden');
        if (request.line.includes('_catalog')) return json({ repositories: ['other/x', 'team/a'] });
        return robot === undefined ? server(request) : json([]);
      };
    };

    it('says of a project that is refused, and gives the others', async () => {
      const { host } = await serve(without(/projects\/private\//));
      const { names, missing } = await listed(host, harbor, { credential: accountCredential });
      assert.deepEqual(names, ['library/alpine', 'team/a', 'team/b', 'team/charts/web']);
      assert.equal(missing.length, 1);
    });

    it('comes from the catalog where the projects are refused', async () => {
      const { host } = await serve(without(/\/projects\?/));
      const { names, missing } = await listed(host, harbor, { credential: accountCredential });
      assert.deepEqual(names, ['other/x', 'team/a']);
      assert.deepEqual(missing, []);
    });

    it('says that a robot account does not see every project', async () => {
      const { host } = await serve(without(/never/, 'robot'));
      const { missing } = await listed(host, harbor, { credential: login('robot$team+ci') });
      assert.equal(missing.length, 1);
      assert.match(missing[0] ?? '', /robot account has no rights/);
    });
  });

  describe('of Quay', () => {
    it('says of an organization that fails, and gives the others', async () => {
      const server = quayServer();
      const { host } = await serve((request) =>
        request.line.includes('namespace=gone') ? jsonError(500, {}) : server(request),
      );
      const { names, missing } = await listed(host, quay, { namespaces: ['gone', 'team'] });
      assert.deepEqual(names, ['team/a', 'team/b', 'team/c']);
      assert.equal(missing.length, 1);
    });

    it('says that a robot account sees what is public alone', async () => {
      const { host } = await serve(quayServer('team+ci'));
      const options = { namespaces: ['team'], credential: login('team+ci') };
      const { names, missing } = await listed(host, quay, options);
      assert.deepEqual(names, ['team/a', 'team/b', 'team/c']);
      assert.match(missing.join(), /private repositories for a robot account/);
    });
  });

  it('of Google says of what is refused below a project, and gives the rest', async () => {
    const { host } = await serve((request) => {
      const { pathname } = urlOf(request);
      if (pathname === '/v2/project/tags/list') return json({ child: ['closed', 'open'], tags: [] });
      return pathname.includes('/open/') ? json({ child: [], tags: ['v1'] }) : specError(403, 'DENIED', 'no');
    });
    const { names, missing } = await listed(host, googleArtifactRegistry, {
      namespaces: ['elsewhere', 'project'],
    });
    assert.deepEqual(names, ['project/open']);
    assert.equal(missing.length, 2);
  });

  it('of Amazon comes from the catalog where the API says no', async () => {
    const { host } = await serve(() => json({ repositories: ['app'] }));
    const api = {
      repositories: () => Promise.reject(new Error('not authorized to perform: ecr:DescribeRepositories')),
      createRepository: () => Promise.reject(new Error('never')),
      removeRepository: () => Promise.reject(new Error('never')),
    };
    assert.deepEqual(await listed(host, amazonEcr(api)), { names: ['app'], missing: [] });
  });
});
