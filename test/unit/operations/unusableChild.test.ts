import assert from 'node:assert/strict';
import { digestOf } from '../../../src/oci/digest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { parseManifest, parseUsable } from '../../../src/oci/manifest';
import { choosePlatforms } from '../../../src/operations/choosePlatforms';
import { copy } from '../../../src/operations/copy';
import { planPull } from '../../../src/operations/planPull';
import { resolvePlatform } from '../../../src/operations/resolvePlatform';
import { tag } from '../../../src/operations/tag';
import { MemoryTarget } from '../../../src/targets/memory';
import { Registry } from '../../../src/targets/registry/registry';
import { childrenOfNode } from '../../../src/views/children';
import { tagNode } from '../../../src/views/nodes';
import { OpenLists } from '../../../src/views/openLists';
import { registryNode } from '../../../src/views/rootNodes';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';
import { testTransport } from '../../support/testTransport';
import { putLayer, putManifest } from './artifacts';

const linux = (architecture: string) => ({ os: 'linux', architecture });

describe('An index with a child that cannot be used', () => {
  let source: MemoryTarget;
  beforeEach(() => {
    source = new MemoryTarget();
    source.put(mediaTypes.ociEmpty, Buffer.from('{}'));
  });

  const child = (architecture: string) => ({
    ...putManifest(source, [putLayer(source, architecture, architecture)]),
    platform: linux(architecture),
  });
  const put = (...odd: readonly object[]) => {
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [child('amd64'), ...odd, child('arm64'), child('s390x')],
    });
    return source.put(mediaTypes.ociIndex, Buffer.from(text), 'v1');
  };
  const unusable = [
    { mediaType: mediaTypes.ociManifest, digest: 'sha256:123', size: 3, platform: linux('riscv64') },
    { mediaType: mediaTypes.ociManifest, digest: digestOf('x'), size: -1 },
    { mediaType: mediaTypes.ociManifest, digest: 'blake3:00', size: 3 },
  ];
  const titles = async (platform?: ReturnType<typeof linux>) =>
    (await planPull(source, 'v1', platform ? { platform } : {})).files.map(({ title }) => title);

  for (const odd of unusable) {
    it(`gives its other platforms, and refuses the whole by name, beside ${odd.digest} of ${odd.size} bytes`, async () => {
      put(odd);
      assert.deepEqual(await titles(linux('arm64')), ['arm64']);
      assert.equal((await resolvePlatform(source, 'v1', { platform: linux('amd64') })).size > 0, true);
      await assert.rejects(titles(), /"manifests" entry 2 has no usable (?:digest|size)/);
      await assert.rejects(copy(source, new MemoryTarget(), 'v1'), /"manifests" entry 2 has no usable/);
    });
  }

  it('is reduced to platforms that can be used, and tagged as it is', async () => {
    put(unusable[0] ?? {}, null as unknown as object);
    const platforms = [linux('arm64'), linux('s390x')];
    const { source: from, root } = await choosePlatforms(source, 'v1', { platforms });
    const { manifests } = parseManifest((await from.readManifest(root.digest)).bytes);
    assert.deepEqual(
      manifests.map(({ platform }) => platform),
      platforms,
    );
    assert.equal((await tag(source, 'v1', { tags: ['v2'] })).mediaType, mediaTypes.ociIndex);
  });

  it('gives its other platforms, and refuses the whole by name, beside a child that is gone', async () => {
    const gone = { mediaType: mediaTypes.ociManifest, digest: digestOf('gone'), size: 4 };
    put({ ...gone, platform: linux('riscv64') });
    assert.deepEqual(await titles(linux('arm64')), ['arm64']);
    await assert.rejects(titles(), new RegExp(gone.digest));
    await assert.rejects(copy(source, new MemoryTarget(), 'v1'), new RegExp(gone.digest));
  });

  it('is refused where it is no list at all', () => {
    assert.throws(() => parseUsable(Buffer.from('{"schemaVersion":2,"manifests":{}}'), mediaTypes.ociIndex));
  });

  describe('in a registry', () => {
    let server: ScriptedServer;
    afterEach(() => server.stop());

    it('still shows', async () => {
      const { descriptor, bytes } = await source.readManifest(put(unusable[0] ?? {}).digest);
      server = await startScriptedServer(() => ({
        headers: { 'Content-Type': descriptor.mediaType, 'Docker-Content-Digest': descriptor.digest },
        body: bytes,
      }));
      const registry = new Registry(server.host, testTransport());
      const node = tagNode(
        {
          kind: 'repository',
          id: 'r',
          parent: registryNode(registry, { host: server.host }, undefined),
          repository: registry.repository('team/app'),
          label: 'team/app',
          target: { host: server.host, repository: 'team/app' },
        },
        'v1',
      );
      const rows = await childrenOfNode(node, {
        lists: new OpenLists(),
        settingsOf: (host) => ({ host }),
        viewOf: () => ({ order: 'registry', hidesDigestTags: false }),
        signal: new AbortController().signal,
        onFailure: () => undefined,
      });
      assert.deepEqual(
        rows.map((row) => ('label' in row ? row.label : row.kind)),
        [
          'linux/amd64',
          'linux/arm64',
          'linux/s390x',
          'referrers',
          '1 manifest left out: "manifests" entry 2 has no usable digest',
        ],
      );
    });
  });
});
