import assert from 'node:assert/strict';
import { digestOf } from '../../../src/oci/digest';
import { InvalidContentError } from '../../../src/oci/errors';
import {
  childrenOf,
  encodeImageIndex,
  encodeImageManifest,
  MAX_MANIFEST_BYTES,
  parseManifest,
} from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';

const about = (text: string, mediaType: string) => ({ mediaType, digest: digestOf(text), size: text.length });
const config = about('config', mediaTypes.ociConfig);
const layer = about('layer', mediaTypes.ociLayer);
const dockerConfig = about('docker config', mediaTypes.dockerConfig);
const child = about('child', mediaTypes.ociManifest);
const parse = (value: unknown, contentType?: string) =>
  parseManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), contentType);

describe('The kind of a manifest', () => {
  for (const [name, body, contentType, kind] of [
    ['its own media type', { mediaType: mediaTypes.ociManifest, config }, undefined, 'image-manifest'],
    ['what it was served as', { config, layers: [] }, mediaTypes.dockerManifest, 'docker-manifest'],
    [
      'what it was served as, with parameters',
      { config },
      `${mediaTypes.ociManifest}; charset=x`,
      'image-manifest',
    ],
    ['its list of manifests', { manifests: [] }, undefined, 'image-index'],
    ['its config', { config, layers: [] }, undefined, 'image-manifest'],
    ["its config of Docker's", { config: dockerConfig }, undefined, 'docker-manifest'],
    ['its shape when it was served as plain JSON', { config }, 'application/json', 'image-manifest'],
    ['its schema version', { schemaVersion: 1, fsLayers: [], history: [] }, undefined, 'docker-schema1'],
    ['the old artifact type', { mediaType: mediaTypes.ociArtifactManifest }, undefined, 'artifact-manifest'],
  ] as const) {
    it(`is told by ${name}`, () => assert.equal(parse(body, contentType).kind, kind));
  }

  it('is signed schema 1 when there are signatures', () => {
    const signed = parse({ schemaVersion: 1, fsLayers: [], signatures: [{}] });
    assert.equal(signed.mediaType, mediaTypes.dockerSchema1Signed);
  });

  it("may be served under Docker's word for the same shape, and its own word counts", () => {
    const docker = { mediaType: mediaTypes.dockerManifest, config: dockerConfig, layers: [] };
    assert.equal(parse(docker, mediaTypes.ociManifest).kind, 'docker-manifest');
    const list = { mediaType: mediaTypes.ociIndex, manifests: [] };
    assert.equal(parse(list, mediaTypes.dockerList).kind, 'image-index');
  });
});

describe('A manifest is refused', () => {
  for (const [name, body, contentType] of [
    ['when it is no JSON', '{', undefined],
    ['when it is no object', [], undefined],
    ['when nothing tells its kind', { schemaVersion: 2 }, undefined],
    ['when its media type is a word of JavaScript', { mediaType: 'constructor', config }, undefined],
    ['when a list is served as a manifest', { mediaType: mediaTypes.ociIndex }, mediaTypes.ociManifest],
    ['when a manifest is served as a list', { config, layers: [] }, mediaTypes.ociIndex],
    ['when it has layers and manifests', { config, layers: [], manifests: [] }, mediaTypes.ociManifest],
    ['when a manifest has history', { config, history: [] }, mediaTypes.ociManifest],
    ['when a list has history', { manifests: [], history: [] }, mediaTypes.dockerList],
    ['when a manifest has fsLayers', { config, fsLayers: [] }, mediaTypes.dockerManifest],
    ['without a config', { layers: [] }, mediaTypes.ociManifest],
    ['with a layer of no digest', { config, layers: [{ size: 1 }] }, undefined],
    ['with a digest that leaves its folder', { config: { ...config, digest: 'sha256:../../x' } }, undefined],
    ['with a negative size', { config, layers: [{ ...layer, size: -1 }] }, undefined],
    ['with a size in words', { config, layers: [{ ...layer, size: '5' }] }, undefined],
    ['with layers that are no list', { config, layers: {} }, undefined],
  ] as const) {
    it(name, () => assert.throws(() => parse(body, contentType), InvalidContentError));
  }

  it('when it is not UTF-8', () => {
    const latin1 = Buffer.from(JSON.stringify({ config, annotations: { a: 'é' } }), 'latin1');
    assert.throws(() => parseManifest(latin1), /not JSON/);
  });

  it('when it is larger than the cap', () => {
    assert.throws(() => parseManifest(Buffer.alloc(MAX_MANIFEST_BYTES + 1, ' ')), /larger than/);
  });
});

describe('A manifest is read tolerantly', () => {
  it('when lists and the subject are null', () => {
    const read = parse({ config, layers: null, manifests: null, subject: null, annotations: null });
    assert.deepEqual([read.layers, read.manifests, read.subject, read.annotations], [[], [], undefined, {}]);
  });

  it('when a subject or a child has no size', () => {
    const unsized = { mediaType: child.mediaType, digest: child.digest };
    assert.equal(parse({ config, subject: unsized }).subject?.digest, child.digest);
    assert.equal(parse({ manifests: [unsized] }).manifests[0]?.size, 0);
  });

  it('when the config names no content: its media type counts, a child it is not', () => {
    const read = parse({ config: { mediaType: 'x/y', digest: '', size: 0 }, layers: [layer] });
    assert.equal(read.artifactType, 'x/y');
    assert.deepEqual(childrenOf(read), [layer]);
  });

  it('when annotations hold what is no text', () => {
    assert.deepEqual(parse({ config, annotations: { a: 'b', c: 1, d: null } }).annotations, { a: 'b' });
  });
});

describe('The artifact type of a manifest', () => {
  for (const [name, body, expected] of [
    ['is the field', { artifactType: 'x/y', config }, 'x/y'],
    ['is that of the config when the field is empty', { artifactType: '', config }, config.mediaType],
    ["is that of Docker's config", { config: dockerConfig }, dockerConfig.mediaType],
    ['of an index is the field alone', { artifactType: 'x/y', manifests: [] }, 'x/y'],
    ['of an index without it is none', { manifests: [] }, undefined],
    ['of a Docker list is none', { mediaType: mediaTypes.dockerList, artifactType: 'x/y' }, undefined],
  ] as const) {
    it(name, () => assert.equal(parse(body).artifactType, expected));
  }
});

describe('The children of a manifest', () => {
  it('are config, then layers, without the subject', () => {
    assert.deepEqual(childrenOf(parse({ config, layers: [layer, layer], subject: child })), [
      config,
      layer,
      layer,
    ]);
  });

  it('of an index are its manifests, with their platforms', () => {
    const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };
    assert.deepEqual(childrenOf(parse({ manifests: [{ ...child, platform }] })), [{ ...child, platform }]);
  });

  it('of an old artifact manifest are its blobs', () => {
    const read = parse({ mediaType: mediaTypes.ociArtifactManifest, blobs: [layer], subject: child });
    assert.deepEqual(childrenOf(read), [layer]);
  });
});

describe('A manifest is written', () => {
  it('with the members in the order of the spec, empty ones left out', () => {
    const bytes = encodeImageManifest({
      annotations: { b: '<2>', a: '1' },
      subject: child,
      layers: [{ size: 5, digest: layer.digest, mediaType: layer.mediaType, annotations: {}, urls: [] }],
      config,
      artifactType: 'x/y',
    });
    const expected =
      `{"schemaVersion":2,"mediaType":"${mediaTypes.ociManifest}","artifactType":"x/y",` +
      `"config":${JSON.stringify(config)},"layers":[${JSON.stringify(layer)}],` +
      `"subject":${JSON.stringify(child)},"annotations":{"a":"1","b":"\\u003c2\\u003e"}}`;
    assert.equal(bytes.toString(), expected);
  });

  it('with empty lists kept', () => {
    assert.match(encodeImageManifest({ config, layers: [] }).toString(), /"layers":\[\]\}$/);
    assert.match(encodeImageIndex({ manifests: [] }).toString(), /"manifests":\[\]\}$/);
  });

  it('as it is read again', () => {
    const bytes = encodeImageIndex({ manifests: [child], artifactType: 'x/y', annotations: { a: 'b' } });
    const { kind, artifactType, manifests, annotations } = parseManifest(bytes);
    assert.deepEqual(
      { kind, artifactType, manifests, annotations },
      {
        kind: 'image-index',
        artifactType: 'x/y',
        manifests: [child],
        annotations: { a: 'b' },
      },
    );
  });
});
