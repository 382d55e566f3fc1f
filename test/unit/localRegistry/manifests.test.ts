import assert from 'node:assert/strict';
import { digestOf } from '../../../src/oci/digest';
import { encodeImageIndex, encodeImageManifest, MAX_MANIFEST_BYTES } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { emptyConfig, manifestOf } from '../../support/artifacts';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../../support/embeddedRegistry';
import { ask, errorCode, pushBlob, type Reply, type RequestOptions } from './registryClient';

interface IndexBody {
  readonly manifests: readonly { digest: string; artifactType?: string }[];
}

interface ErrorBody {
  readonly errors: readonly {
    readonly message: string;
    readonly detail?: { readonly actualSize?: number };
  }[];
}

const oci = { 'content-type': mediaTypes.ociManifest };

describe('Manifests in the local registry', () => {
  let registry: EmbeddedRegistry;
  const send = (method: string, path: string, options?: RequestOptions): Promise<Reply> =>
    ask(registry.host, method, `/v2/demo/app/${path}`, options);
  const put = (reference: string, body: Uint8Array | string, headers: Record<string, string> = oci) =>
    send('PUT', `manifests/${reference}`, { headers, body });
  const tags = async () =>
    (JSON.parse((await send('GET', 'tags/list')).body.toString()) as { tags: string[] }).tags;

  beforeEach(async () => {
    registry = await startEmbeddedRegistry();
    await pushBlob(registry.host, 'demo/app', emptyConfig.bytes);
  });
  afterEach(() => registry.stop());

  it('are stored byte for byte, and read by tag and digest', async () => {
    const spaced = Buffer.from(JSON.stringify(JSON.parse(manifestOf([]).bytes.toString()), undefined, 3));
    const reply = await put('v1', spaced);
    const digest = digestOf(spaced);
    assert.equal(reply.status, 201);
    assert.equal(reply.headers.location, `/v2/demo/app/manifests/${digest}`);
    for (const reference of ['v1', digest]) {
      const got = await send('GET', `manifests/${reference}`);
      assert.deepEqual(got.body, spaced);
      assert.equal(got.headers['content-type'], mediaTypes.ociManifest);
      assert.equal(got.headers['docker-content-digest'], digest);
      const head = await send('HEAD', `manifests/${reference}`);
      assert.deepEqual([head.headers['content-length'], head.body.length], [String(spaced.length), 0]);
    }
  });

  it('take several tags with one digest', async () => {
    const { bytes, descriptor } = manifestOf([]);
    const reply = await put(`${descriptor.digest}?tag=a&tag=b`, bytes);
    assert.deepEqual([reply.status, reply.headers['oci-tag']], [201, 'a, b']);
    assert.deepEqual(await tags(), ['a', 'b']);
  });

  const refusals: readonly (readonly [string, Buffer | string, Record<string, string>, string])[] = [
    ['that are not JSON', 'no', oci, 'MANIFEST_INVALID'],
    ['that are a list', '[]', oci, 'MANIFEST_INVALID'],
    ['of no known type', '{"schemaVersion":2}', { 'content-type': 'text/plain' }, 'MANIFEST_INVALID'],
    [
      'served as another type',
      manifestOf([]).bytes as Buffer,
      { 'content-type': mediaTypes.dockerManifest },
      'MANIFEST_INVALID',
    ],
    [
      'that are two kinds at once',
      JSON.stringify({ schemaVersion: 2, config: emptyConfig.descriptor, layers: [], manifests: [] }),
      oci,
      'MANIFEST_INVALID',
    ],
    ['without a config digest', '{"config":{"mediaType":"x/y"},"layers":[]}', oci, 'MANIFEST_INVALID'],
  ];
  for (const [name, body, headers, code] of refusals) {
    it(`${name} are refused`, async () => {
      const reply = await put('v1', body, headers);
      assert.deepEqual([reply.status, errorCode(reply)], [400, code]);
    });
  }

  it('under a digest or tag that does not fit are refused', async () => {
    const { bytes } = manifestOf([]);
    for (const [reference, code] of [
      [digestOf('other'), 'DIGEST_INVALID'],
      ['sha256:short', 'DIGEST_INVALID'],
      ['-tag', 'MANIFEST_INVALID'],
      ['a'.repeat(129), 'MANIFEST_INVALID'],
    ] as const) {
      const reply = await put(reference, bytes);
      assert.deepEqual([reply.status, errorCode(reply)], [400, code], reference);
    }
    assert.equal((await send('GET', 'tags/list')).body.toString(), '{"name":"demo/app","tags":[]}');
  });

  it('that name a missing blob are refused, unless it is fetched from elsewhere', async () => {
    const layer = { mediaType: mediaTypes.ociLayer, digest: digestOf('absent'), size: 6 };
    const missing = await put('v1', encodeImageManifest({ config: emptyConfig.descriptor, layers: [layer] }));
    assert.deepEqual([missing.status, errorCode(missing)], [404, 'MANIFEST_BLOB_UNKNOWN']);
    const elsewhere = { ...layer, urls: ['https://example.com/layer'] };
    const foreign = encodeImageManifest({ config: emptyConfig.descriptor, layers: [elsewhere] });
    assert.equal((await put('v1', foreign)).status, 201);
  });

  it('that give a blob another size than it has are refused with both sizes', async () => {
    const { digest, mediaType } = emptyConfig.descriptor;
    const wrong = { mediaType, digest, size: 3 };
    const child = manifestOf([]);
    await put('child', child.bytes);
    const artifact = { mediaType: mediaTypes.ociArtifactManifest, artifactType: 'x/y', blobs: [wrong] };
    for (const [what, type, body, actual] of [
      ['config', mediaTypes.ociManifest, encodeImageManifest({ config: wrong, layers: [] }), 2],
      ['layer', mediaTypes.ociManifest, manifestOf([{ ...emptyConfig, descriptor: wrong }]).bytes, 2],
      ['blob', mediaTypes.ociArtifactManifest, JSON.stringify(artifact), 2],
      [
        'platform',
        mediaTypes.ociIndex,
        encodeImageIndex({ manifests: [{ ...child.descriptor, size: 3 }] }),
        child.bytes.length,
      ],
    ] as const) {
      const reply = await put('v1', body, { 'content-type': type });
      assert.deepEqual([reply.status, errorCode(reply)], [400, 'SIZE_INVALID'], what);
      const [error] = (JSON.parse(reply.body.toString()) as ErrorBody).errors;
      assert.match(error?.message ?? '', new RegExp(`sha256:\\w+ has ${actual} bytes.* says 3`), what);
      assert.equal(error?.detail?.actualSize, actual, what);
    }
    assert.deepEqual(await tags(), ['child']);
  });

  it('of Docker schema 1 are refused, under whichever type they are sent', async () => {
    const { digest } = emptyConfig.descriptor;
    const unsigned = { schemaVersion: 1, name: 'demo/app', tag: 'v1', fsLayers: [{ blobSum: digest }] };
    const signed = { ...unsigned, history: [], signatures: [{}] };
    for (const [body, type] of [
      [unsigned, mediaTypes.dockerSchema1],
      [signed, mediaTypes.dockerSchema1Signed],
      [unsigned, 'application/json'],
      [signed, undefined],
      [{ ...unsigned, mediaType: mediaTypes.dockerSchema1 }, undefined],
    ] as const) {
      const reply = await put('v1', JSON.stringify(body), type ? { 'content-type': type } : {});
      assert.deepEqual([reply.status, errorCode(reply)], [400, 'MANIFEST_INVALID'], String(type));
      assert.match(reply.body.toString(), /schema 1/, String(type));
    }
    assert.deepEqual(await tags(), []);
  });

  it('larger than 4 MiB are refused, with the length announced or not', async () => {
    const large = Buffer.alloc(MAX_MANIFEST_BYTES + 1, ' ');
    for (const chunked of [false, true]) {
      const reply = await send('PUT', 'manifests/v1', { headers: oci, body: large, chunked });
      assert.deepEqual([reply.status, errorCode(reply)], [413, 'SIZE_INVALID']);
    }
  });

  it('lose one tag by tag, and every tag by digest', async () => {
    const { bytes, descriptor } = manifestOf([]);
    for (const tag of ['a', 'b', 'c']) await put(tag, bytes);
    assert.equal((await send('DELETE', 'manifests/a')).status, 202);
    assert.deepEqual(await tags(), ['b', 'c']);
    assert.equal((await send('DELETE', `manifests/${descriptor.digest}`)).status, 202);
    assert.deepEqual(await tags(), []);
    for (const reference of ['b', descriptor.digest]) {
      assert.equal(errorCode(await send('GET', `manifests/${reference}`)), 'MANIFEST_UNKNOWN');
      assert.equal((await send('DELETE', `manifests/${reference}`)).status, 404);
    }
  });

  it('of a repository that is not there are unknown by its name', async () => {
    const reply = await ask(registry.host, 'GET', '/v2/demo/absent/manifests/v1');
    assert.deepEqual([reply.status, errorCode(reply)], [404, 'NAME_UNKNOWN']);
  });

  it('with a subject are its referrers, before it is there and until they are deleted', async () => {
    const subject = manifestOf([]).descriptor;
    const pushed = ['one', 'two'].map((type) => manifestOf([], { artifactType: `x/${type}`, subject }));
    for (const { bytes, descriptor } of pushed) {
      assert.equal((await put(descriptor.digest, bytes)).headers['oci-subject'], subject.digest);
    }
    const list = async (query = '') => {
      const reply = await send('GET', `referrers/${subject.digest}${query}`);
      assert.equal(reply.headers['content-type'], mediaTypes.ociIndex);
      return { reply, manifests: (JSON.parse(reply.body.toString()) as IndexBody).manifests };
    };
    assert.equal((await list()).manifests.length, 2);
    const filtered = await list('?artifactType=x%2Ftwo');
    assert.equal(filtered.reply.headers['oci-filters-applied'], 'artifactType');
    assert.deepEqual(
      filtered.manifests.map(({ artifactType }) => artifactType),
      ['x/two'],
    );
    for (const { descriptor } of pushed) await send('DELETE', `manifests/${descriptor.digest}`);
    assert.deepEqual((await list()).manifests, []);
  });

  it('list referrers page by page when their annotations are large', async () => {
    const subject = manifestOf([]).descriptor;
    const annotations = { large: 'x'.repeat(1_500_000) };
    const digests = [];
    for (const artifactType of ['x/one', 'x/two', 'x/three']) {
      const { bytes, descriptor } = manifestOf([], { artifactType, subject, annotations });
      await put(descriptor.digest, bytes);
      digests.push(descriptor.digest);
    }
    const found: string[] = [];
    let path = `/v2/demo/app/referrers/${subject.digest}`;
    for (let pages = 0; path !== '' && pages < 5; pages += 1) {
      const reply = await ask(registry.host, 'GET', path);
      assert.ok(reply.body.length < MAX_MANIFEST_BYTES);
      found.push(...(JSON.parse(reply.body.toString()) as IndexBody).manifests.map(({ digest }) => digest));
      path = /^<([^>]+)>; rel="next"$/.exec(String(reply.headers.link ?? ''))?.[1] ?? '';
    }
    assert.deepEqual(found, digests.sort());
  });

  it('of an index may name children that are not there', async () => {
    const index = encodeImageIndex({ manifests: [manifestOf([]).descriptor] });
    assert.equal((await put('multi', index, { 'content-type': mediaTypes.ociIndex })).status, 201);
  });
});
