import assert from 'node:assert/strict';
import { annotationKeys } from '../../../src/oci/annotations';
import type { Descriptor } from '../../../src/oci/descriptor';
import { kindTypes } from '../../../src/oci/artifactKinds';
import { digestOf } from '../../../src/oci/digest';
import { encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { InvalidContentError, NotFoundError } from '../../../src/oci/errors';
import { planPull } from '../../../src/operations/planPull';
import { MemoryTarget } from '../../../src/targets/memory';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import { putIndex, putLayer, putManifest } from './artifacts';

const AMD = { os: 'linux', architecture: 'amd64' };
const ARM = { os: 'linux', architecture: 'arm64', variant: 'v8' };

describe('planPull', () => {
  let source: MemoryTarget;

  beforeEach(() => {
    source = new MemoryTarget();
  });

  const titles = async (reference: string, options = {}) =>
    (await planPull(source, reference, options)).files.map(({ title }) => title);

  it('lists titled layers as files, untitled ones as skipped, and pins the root by digest', async () => {
    const titled = putLayer(source, 'content', 'a.txt');
    const untitled = putLayer(source, 'chart');
    const root = putManifest(source, [titled, untitled], 'v1');
    const plan = await planPull(source, 'v1');
    assert.deepEqual(plan, {
      root,
      manifests: [root],
      files: [{ title: 'a.txt', descriptor: titled, unpack: false }],
      skipped: [untitled],
      totalBytes: 7,
    });
  });

  it('plans to unpack what the annotation says, whatever its media type', async () => {
    const layer = putLayer(source, 'packed', 'folder');
    const packed = {
      ...layer,
      annotations: { ...layer.annotations, [annotationKeys.contentUnpack]: 'true' },
    };
    putManifest(source, [packed], 'v1');
    assert.equal((await planPull(source, 'v1')).files[0]?.unpack, true);
  });

  it('takes an empty title for none, and the empty layer for nothing', async () => {
    const nameless = putLayer(source, 'x', '');
    putManifest(source, [nameless, emptyDescriptor], 'v1');
    const plan = await planPull(source, 'v1');
    assert.deepEqual(plan.files, []);
    assert.deepEqual(plan.skipped, [nameless]);
  });

  it('gives one content under two titles as two files', async () => {
    putManifest(source, [putLayer(source, 'same', 'a'), putLayer(source, 'same', 'b')], 'v1');
    assert.deepEqual(await titles('v1'), ['a', 'b']);
  });

  it('gives one content twice under one title as one file', async () => {
    putManifest(source, [putLayer(source, 'x', 'a'), putLayer(source, 'x', './a')], 'same');
    assert.deepEqual(await titles('same'), ['a']);
  });

  describe('of several contents under one title', () => {
    const short = (content: string) => digestOf(content).slice(7, 19);
    const putThree = () =>
      putManifest(
        source,
        [putLayer(source, 'x', 'src/a.py'), putLayer(source, 'y', './src/a.py'), putLayer(source, 'z', 'b')],
        'v1',
      );

    it('names each by its digest', async () => {
      putThree();
      assert.deepEqual(await titles('v1'), [`src/a-${short('x')}.py`, `src/a-${short('y')}.py`, 'b']);
    });

    it('gives one alone, all of the title, or what does not share it', async () => {
      putThree();
      const second = `src/a-${short('y')}.py`;
      assert.deepEqual(await titles('v1', { titles: ['b'] }), ['b']);
      assert.deepEqual(await titles('v1', { titles: [second] }), [second]);
      assert.deepEqual(await titles('v1', { titles: ['src/a.py'] }), [`src/a-${short('x')}.py`, second]);
      await assert.rejects(planPull(source, 'v1', { titles: ['a.py'] }), /there is no file "a\.py" in it/);
    });

    it('finds one by its longer name where it is alone, as the next plan after a choice may have it', async () => {
      putManifest(source, [putLayer(source, 'y', 'src/a.py')], 'v1');
      const name = `src/a-${short('y')}.py`;
      assert.deepEqual(await titles('v1', { titles: [name] }), [name]);
      assert.deepEqual(await titles('v1'), ['src/a.py']);
    });

    it('names each by its platform where an index has one for each', async () => {
      const platforms = [AMD, ARM].map((platform) => ({
        ...putManifest(source, [putLayer(source, platform.architecture, 'tool.exe')]),
        platform,
      }));
      putIndex(source, platforms, 'v1');
      assert.deepEqual(await titles('v1'), ['tool-linux-amd64.exe', 'tool-linux-arm64-v8.exe']);
      assert.deepEqual(await titles('v1', { titles: ['tool-linux-amd64.exe'] }), ['tool-linux-amd64.exe']);
      assert.deepEqual(await titles('v1', { platform: ARM }), ['tool.exe']);
    });

    it('lets no platform lead out of the folder', async () => {
      const platforms = ['../../x', '..'].map((os) => ({
        ...putManifest(source, [putLayer(source, os, 'a')]),
        platform: { os, architecture: '/etc' },
      }));
      putIndex(source, platforms, 'v1');
      assert.deepEqual(await titles('v1'), ['a--x-etc', 'a--etc']);
    });

    it('does not take the name of another file', async () => {
      const taken = [`a-${short('x')}`, `a-${digestOf('x').slice(7)}`].map((title) =>
        putLayer(source, title, title),
      );
      putManifest(source, [putLayer(source, 'x', 'a'), putLayer(source, 'y', 'a'), ...taken], 'v1');
      const found = await titles('v1');
      assert.equal(new Set(found).size, 4);
      assert.equal(found[0], `a-${digestOf('x').slice(7)}-2`);
    });

    it('leaves the config the name that was asked for', async () => {
      const config = source.put('application/vnd.example.config', Buffer.from('{"a":1}'));
      const layers = [putLayer(source, 'x', 'config.json')];
      source.put(mediaTypes.ociManifest, encodeImageManifest({ config, layers }), 'v1');
      assert.deepEqual(await titles('v1', { configTitle: 'config.json' }), [
        'config.json',
        `config-${short('x')}.json`,
      ]);
    });
  });

  it('takes a config with a title for a file, unless it has another name to go to', async () => {
    const config = {
      ...source.put('application/vnd.example.config', Buffer.from('{"a":1}')),
      annotations: { [annotationKeys.title]: 'model.json' },
    };
    const layers = [putLayer(source, 'x', 'a')];
    source.put(mediaTypes.ociManifest, encodeImageManifest({ config, layers }), 'v1');
    assert.deepEqual(await titles('v1'), ['model.json', 'a']);
    assert.deepEqual(await titles('v1', { configTitle: 'c.json' }), ['c.json', 'a']);
    assert.deepEqual(await titles('v1', { mediaTypes: [mediaTypes.ociLayer] }), ['a']);
  });

  it('leaves out what the source does not have and is fetched from elsewhere', async () => {
    const urls = ['https://example.com/layer'];
    const [here, away] = ['here', 'away'].map((text) => ({ ...putLayer(source, text, text), urls }));
    assert.ok(here && away);
    await source.remove(away);
    const nondistributable = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: digestOf('elsewhere'),
      size: 9,
      annotations: { [annotationKeys.title]: 'base' },
    };
    putManifest(source, [here, away, nondistributable], 'v1');
    const plan = await planPull(source, 'v1');
    assert.deepEqual(
      [plan.files, plan.leftOut ?? []].map((files) => files.map(({ title }) => title)),
      [['here'], ['away', 'base']],
    );
    assert.equal(plan.totalBytes, 4);
  });

  it('reads a manifest that stands in its index', async () => {
    const inline = putManifest(source, [putLayer(source, 'x', 'a')]);
    const { bytes } = await source.readManifest(inline.digest);
    await source.remove(inline);
    putIndex(source, [{ ...inline, data: Buffer.from(bytes).toString('base64') }], 'v1');
    assert.deepEqual(await titles('v1'), ['a']);
  });

  it('takes all manifests of an index, or the one for a platform', async () => {
    const amd = { ...putManifest(source, [putLayer(source, '1', 'amd')]), platform: AMD };
    const arm = { ...putManifest(source, [putLayer(source, '2', 'arm')]), platform: ARM };
    putIndex(source, [amd, arm], 'v1');
    assert.deepEqual(await titles('v1'), ['amd', 'arm']);
    assert.deepEqual(await titles('v1', { platform: AMD }), ['amd']);
    assert.deepEqual(await titles('v1', { platform: { os: 'linux', architecture: 'arm64' } }), ['arm']);
    await assert.rejects(
      planPull(source, 'v1', { platform: { ...ARM, variant: 'v7' } }),
      /no manifest for linux\/arm64\/v7; it has linux\/amd64, linux\/arm64\/v8/,
    );
  });

  it('checks the platform of what is no index', async () => {
    const config = source.put(mediaTypes.ociConfig, Buffer.from('{"os":"linux","architecture":"arm64"}'));
    const layers = [putLayer(source, '1', 'a')];
    source.put(mediaTypes.ociManifest, encodeImageManifest({ config, layers }), 'image');
    putManifest(source, layers, 'artifact');
    putIndex(source, [], 'none');
    assert.deepEqual(await titles('image', { platform: ARM }), ['a']);
    await assert.rejects(
      planPull(source, 'image', { platform: AMD }),
      /it is for linux\/arm64, not linux\/amd64/,
    );
    await assert.rejects(planPull(source, 'artifact', { platform: AMD }), /it names no platform/);
    await assert.rejects(planPull(source, 'none', { platform: AMD }), /it has none that names a platform/);
  });

  it('takes the subject of an image whatever its platform', async () => {
    const subject = putManifest(source, [putLayer(source, 's', 'subject')]);
    const config = source.put(mediaTypes.ociConfig, Buffer.from('{"os":"linux","architecture":"amd64"}'));
    const bytes = encodeImageManifest({ config, layers: [putLayer(source, '1', 'a')], subject });
    source.put(mediaTypes.ociManifest, bytes, 'v1');
    assert.deepEqual(await titles('v1', { platform: AMD, includeSubject: true }), ['a', 'subject']);
  });

  it('goes through indexes in indexes, each manifest once', async () => {
    const manifest = putManifest(source, [putLayer(source, '1', 'a')]);
    const inner = putIndex(source, [manifest]);
    putIndex(source, [inner, manifest, inner], 'v1');
    const plan = await planPull(source, 'v1');
    assert.deepEqual(
      plan.files.map(({ title }) => title),
      ['a'],
    );
    assert.equal(plan.manifests.length, 3);
  });

  it('refuses indexes that lie too deep, and too many manifests', async () => {
    let deep: Descriptor = putManifest(source, []);
    for (let depth = 0; depth < 20; depth++) deep = putIndex(source, [deep]);
    await assert.rejects(planPull(source, deep.digest), /more than 16 deep/);
    const many = Array.from({ length: 2_001 }, (_, index) =>
      putIndex(source, [{ ...emptyDescriptor, size: index }]),
    );
    putIndex(source, many, 'many');
    await assert.rejects(planPull(source, 'many'), /more than 2000 manifests/);
  });

  it('says what is missing', async () => {
    await assert.rejects(planPull(source, 'none'), NotFoundError);
    source.put('application/vnd.oci.image.manifest.v1+json', Buffer.from('not json'), 'broken');
    await assert.rejects(planPull(source, 'broken'), InvalidContentError);
  });

  it('narrows by media type, and by title', async () => {
    const layers = [
      putLayer(source, 'a', 'a.txt'),
      { ...putLayer(source, 'b', 'b.json'), mediaType: 'application/json' },
    ];
    putManifest(source, layers, 'v1');
    assert.deepEqual(await titles('v1', { mediaTypes: ['application/json'] }), ['b.json']);
    const plan = await planPull(source, 'v1', { titles: ['./a.txt'] });
    assert.deepEqual([plan.files.length, plan.totalBytes], [1, 1]);
    await assert.rejects(planPull(source, 'v1', { titles: ['c.txt'] }), /there is no file "c\.txt" in it/);
  });

  it('takes the config to a file, once', async () => {
    const config = source.put('application/vnd.example.config', Buffer.from('{"a":1}'));
    const bytes = encodeImageManifest({ config, layers: [putLayer(source, 'a', 'a.txt')] });
    const one = source.put(mediaTypes.ociManifest, bytes, 'v1');
    putIndex(source, [one, putManifest(source, [])], 'multi');
    assert.deepEqual(await titles('v1', { configTitle: 'config.json' }), ['config.json', 'a.txt']);
    assert.deepEqual(await titles('multi', { configTitle: 'config.json' }), ['config.json', 'a.txt']);
  });

  it('takes the files of the subject as well, when asked', async () => {
    const subject = putManifest(source, [putLayer(source, 'a', 'a.txt')]);
    const layers = [putLayer(source, 'b', 'b.txt')];
    source.put(
      mediaTypes.ociManifest,
      encodeImageManifest({ config: emptyDescriptor, layers, subject }),
      'v1',
    );
    assert.deepEqual(await titles('v1'), ['b.txt']);
    assert.deepEqual(await titles('v1', { includeSubject: true }), ['b.txt', 'a.txt']);
  });

  it('gives untitled layers the names that people expect', async () => {
    const put = (mediaType: string, text: string) => source.put(mediaType, Buffer.from(text));
    const image = [
      put(mediaTypes.ociLayerGzip, 'one'),
      put(mediaTypes.ociLayer, 'two'),
      put('application/x+json', '3'),
    ];
    const short = (layer: Descriptor | undefined) => layer?.digest.slice(7, 19);
    putManifest(source, image, 'image');
    assert.deepEqual(await titles('image', { nameUntitled: {} }), [
      `${short(image[0])}.tar.gz`,
      `${short(image[1])}.tar`,
      `${short(image[2])}.json`,
    ]);
    const sif = [put(kindTypes.sifLayer, 'sif'), put(kindTypes.sifLayer, 'another')];
    putManifest(source, sif, 'sif');
    assert.deepEqual(await titles('sif', { nameUntitled: { repository: 'tool' } }), [
      'tool.sif',
      `${short(sif[1])}.sif`,
    ]);
  });

  const chartNames: Record<string, string> = {
    '{"name":"web","version":"1.0.0+1"}': 'web-1.0.0+1.tgz',
    '{"name":"../web","version":"1.0.0"}': 'c',
    '{"name":"web"}': 'c',
    'no JSON': 'c',
    null: 'c',
  };
  for (const [text, name] of Object.entries(chartNames)) {
    it(`names a chart by its config, where that is to be trusted: ${text}`, async () => {
      const config = source.put(kindTypes.helmConfig, Buffer.from(text));
      const chart = source.put(kindTypes.helmContent, Buffer.from('chart'));
      source.put(mediaTypes.ociManifest, encodeImageManifest({ config, layers: [chart] }), 'v1');
      const expected = name === 'c' ? `${chart.digest.slice(7, 19)}.tar.gz` : name;
      assert.deepEqual(await titles('v1', { nameUntitled: {} }), [expected]);
    });
  }

  it('takes modes from annotations when asked, without the bits that give rights', async () => {
    const modes = { a: '0755', b: '4755', c: 'x', d: undefined };
    const layers = Object.entries(modes).map(([title, mode]) => {
      const layer = putLayer(source, title, title);
      return {
        ...layer,
        annotations: { ...layer.annotations, ...(mode && { [annotationKeys.fileMode]: mode }) },
      };
    });
    const model = putLayer(source, 'e', 'e');
    const annotations = { ...model.annotations, [annotationKeys.modelFileMetadata]: '{"mode":2541}' };
    putManifest(source, [...layers, { ...model, annotations }], 'v1');
    const modesOf = async (options = {}) =>
      (await planPull(source, 'v1', options)).files.map(({ mode }) => mode);
    assert.deepEqual(await modesOf(), [undefined, undefined, undefined, undefined, undefined]);
    assert.deepEqual(await modesOf({ keepModes: true }), [0o755, undefined, undefined, undefined, 0o755]);
  });
});
