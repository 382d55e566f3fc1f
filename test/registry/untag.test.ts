import assert from 'node:assert/strict';
import { InvalidReferenceError, NotFoundError, UnsupportedError } from '../../src/oci/errors';
import { Registry } from '../../src/targets/registry/registry';
import { collect, pushArtifact, textBlob } from '../support/artifacts';
import { startDockerRegistry } from '../support/dockerRegistry';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';
import { testTransport } from '../support/testTransport';

describe('Removing a tag alone', () => {
  const servers: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  const open = <T extends { readonly host: string; stop(): Promise<void> }>(server: T) => {
    servers.push(server);
    return new Registry(server.host, testTransport());
  };
  const twoTags = async (registry: Registry) => {
    const target = registry.repository('two/tags');
    const manifest = await pushArtifact(target, [textBlob('tagged twice')]);
    await target.tag(manifest, 'v1');
    await target.tag(manifest, 'v2');
    return { target, manifest };
  };

  it('leaves the manifest and its other tags in the local registry', async () => {
    const { target, manifest } = await twoTags(open(await startEmbeddedRegistry()));
    await target.untag('v1');
    assert.deepEqual(await collect(target.tags()), ['v2']);
    await target.untag('v2');
    assert.equal(await target.exists(manifest.descriptor), true);
    await assert.rejects(target.untag('v2'), NotFoundError);
  });

  for (const deleteEnabled of [true, false]) {
    it(`is not done by docker-registry 2.8, deleting ${deleteEnabled ? 'allowed' : 'refused'}: all stays`, async function () {
      peerOrSkip(this, 'docker-registry');
      const { target, manifest } = await twoTags(open(await startDockerRegistry({ deleteEnabled })));
      await assert.rejects(target.untag('v1'), (error) => {
        return error instanceof UnsupportedError && error.ability === 'removing a tag alone';
      });
      assert.deepEqual((await collect(target.tags())).sort(), ['v1', 'v2']);
      assert.equal(await target.exists(manifest.descriptor), true);
    });
  }

  it('takes no digest, whose manifest would go', async () => {
    const { target, manifest } = await twoTags(open(await startEmbeddedRegistry()));
    await assert.rejects(target.untag(manifest.descriptor.digest), InvalidReferenceError);
    assert.equal(await target.exists(manifest.descriptor), true);
  });

  it('says that a registry without a way of its own deletes no repositories', async () => {
    const registry = open(await startEmbeddedRegistry());
    const { target, manifest } = await twoTags(registry);
    await assert.rejects(registry.removeRepository('two/tags'), UnsupportedError);
    assert.equal(await target.exists(manifest.descriptor), true);
  });
});
