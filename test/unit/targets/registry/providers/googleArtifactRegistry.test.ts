import assert from 'node:assert/strict';
import { digestOf } from '../../../../../src/oci/digest';
import { googleArtifactRegistry as provider } from '../../../../../src/targets/registry/providers/googleArtifactRegistry';
import { collect, manifestOf } from '../../../../support/artifacts';
import { json } from '../../../../support/recorded/answers';
import { googleRegistry, type TagsByDigest } from '../../../../support/recorded/googleArtifactRegistry';
import { hostedRegistry } from '../../../../support/recorded/hostedRegistry';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../../support/scriptedServer';

const kept = digestOf('kept');
const gone = digestOf('gone');
const twoImages = (): TagsByDigest =>
  new Map([
    [kept, ['stable']],
    [gone, ['v1', 'latest']],
  ]);

describe('Google Artifact Registry', () => {
  let server: ScriptedServer;
  afterEach(() => server.stop());
  const start = async (script: Script) => {
    server = await startScriptedServer(script);
    return { host: server.host, provider };
  };

  it('lists what lies below a project, by the children that tag lists name, page by page', async () => {
    const options = await start(googleRegistry(twoImages()));
    const names = await collect(hostedRegistry({ ...options, namespaces: ['project'] }).repositories());
    assert.deepEqual(names, ['project/images/app', 'project/images/base']);
    assert.ok(server.lines().includes('GET /v2/project/tags/list?last=x'));
  });

  it('lists nothing until a project is named, where the catalog leads to a web page', async () => {
    const options = await start(googleRegistry(twoImages()));
    assert.deepEqual(await collect(hostedRegistry(options).repositories()), []);
  });

  it('lists by the catalog where there is one', async () => {
    const options = await start(() => json({ repositories: ['project/app'] }));
    assert.deepEqual(await collect(hostedRegistry(options).repositories()), ['project/app']);
  });

  it('deletes a manifest after its tags, and no tag of another', async () => {
    const images = twoImages();
    const options = await start(googleRegistry(images));
    const target = hostedRegistry(options).repository('project/images/app');
    await target.remove({ ...manifestOf([]).descriptor, digest: gone });
    assert.deepEqual([...images], [[kept, ['stable']]]);
    assert.deepEqual(
      server.lines().filter((line) => line.startsWith('DELETE')),
      ['v1', 'latest', gone].map((reference) => `DELETE /v2/project/images/app/manifests/${reference}`),
    );
  });

  it('deletes as the spec says where tag lists do not tell digests', async () => {
    const options = await start(({ line }) =>
      line.startsWith('DELETE') ? { status: 202 } : json({ name: 'project/app', tags: ['v1'] }),
    );
    await hostedRegistry(options)
      .repository('project/app')
      .remove({ ...manifestOf([]).descriptor, digest: gone });
    assert.deepEqual(server.lines().at(-1), `DELETE /v2/project/app/manifests/${gone}`);
    assert.equal(server.lines().filter((line) => line.startsWith('DELETE')).length, 1);
  });

  it('takes a login page in place of referrers for their absence', async () => {
    const options = await start(googleRegistry(twoImages()));
    const target = hostedRegistry(options).repository('project/images/app');
    assert.deepEqual(await collect(target.referrers({ digest: kept })), []);
  });

  it('offers the user names that Google documents, and is known by its hosts', async () => {
    await start([]);
    const names = provider.signIn.choices?.map(({ username }) => username);
    assert.deepEqual(names, ['oauth2accesstoken', '_json_key', '_json_key_base64']);
    for (const host of ['us-docker.pkg.dev', 'europe-west1-docker.pkg.dev', 'gcr.io', 'eu.gcr.io']) {
      assert.ok(provider.matches(host), host);
    }
    for (const host of ['evil-gcr.io', 'docker.pkg.dev.test', 'pkg.dev'])
      assert.ok(!provider.matches(host), host);
  });
});
