import assert from 'node:assert/strict';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { digestOf, type Digest } from '../../../../src/oci/digest';
import {
  ContentMismatchError,
  InvalidContentError,
  InvalidReferenceError,
  NetworkError,
  NotFoundError,
  RegistryError,
} from '../../../../src/oci/errors';
import { encodeImageIndex } from '../../../../src/oci/manifest';
import { mediaTypes } from '../../../../src/oci/mediaTypes';
import type { Reader } from '../../../../src/oci/target';
import { Registry } from '../../../../src/targets/registry/registry';
import type { TransportRequest } from '../../../../src/transport/transport';
import { collect, manifestOf, sourceOf, textBlob } from '../../../support/artifacts';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';
import { testTransport } from '../../../support/testTransport';

const blob = textBlob('blob');
const manifest = manifestOf([blob]);
const { digest } = manifest.descriptor;
const asManifest = { 'Content-Type': mediaTypes.ociManifest, 'Docker-Content-Digest': digest };

const readBlob = async (target: Reader) => buffer(await target.fetch(blob.descriptor));

describe('Requests of the registry client', () => {
  let server: ScriptedServer;
  afterEach(() => server?.stop());
  const repository = async (script: Script, name = 'team/app') => {
    server = await startScriptedServer(script);
    return new Registry(server.host, testTransport({ clock: new TestClock() })).repository(name);
  };

  describe('push of a blob', () => {
    it('is a POST and a PUT to the place it gave, digest added', async () => {
      const target = await repository([
        { status: 202, headers: { Location: '/v2/team/app/blobs/uploads/1?_state=a%2Bb' } },
        { status: 201 },
      ]);
      let sentBytes = 0;
      await target.push(blob.descriptor, sourceOf(blob.bytes), { onBytes: (delta) => (sentBytes += delta) });
      assert.deepEqual(server.lines(), [
        'POST /v2/team/app/blobs/uploads/',
        `PUT /v2/team/app/blobs/uploads/1?_state=a%2Bb&digest=${encodeURIComponent(blob.descriptor.digest)}`,
      ]);
      assert.equal(server.seen[1]?.headers['content-length'], '4');
      assert.equal(server.seen[1]?.headers['transfer-encoding'], undefined);
      assert.deepEqual(server.seen[1]?.body, blob.bytes);
      assert.equal(sentBytes, 4);
    });

    it('starts over in a new place when the connection is cut', async () => {
      let uploads = 0;
      const target = await repository(({ line }) => {
        if (line.startsWith('POST')) return { status: 202, headers: { Location: `/upload/${++uploads}` } };
        return line.includes('/upload/1') ? { cut: true } : { status: 201 };
      });
      await target.push(blob.descriptor, sourceOf(blob.bytes));
      assert.deepEqual(
        server.lines().map((line) => line.split('?')[0]),
        [
          'POST /v2/team/app/blobs/uploads/',
          'PUT /upload/1',
          'POST /v2/team/app/blobs/uploads/',
          'PUT /upload/2',
        ],
      );
    });

    it('names the repository that is not there', async () => {
      const target = await repository([{ status: 404 }]);
      await assert.rejects(target.push(blob.descriptor, sourceOf(blob.bytes)), (error) => {
        return (
          error instanceof NotFoundError && error.message.includes(`The repository ${server.host}/team/app`)
        );
      });
    });

    for (const [title, location, reason] of [
      ['on another host', 'http://127.0.0.2:1/upload', /leads to http:\/\/127.0.0.2:1/],
      ['on another port', 'http://127.0.0.1:1/upload', /leads to http:\/\/127.0.0.1:1/],
      ['with a user name', 'http://me@HOST/upload', /user name/],
      ['missing', undefined, /without saying where/],
    ] as const) {
      it(`sends nothing to an upload address ${title}`, async () => {
        const target = await repository(() => ({
          status: 202,
          headers: location ? { Location: location.replace('HOST', server.host) } : {},
        }));
        await assert.rejects(
          target.push(blob.descriptor, sourceOf(blob.bytes)),
          (error) => error instanceof InvalidContentError && reason.test(error.message),
        );
        assert.equal(server.seen.length, 1);
      });
    }

    it('is refused with the reason that the registry gave', async () => {
      const body = '{"errors":[{"code":"DIGEST_INVALID","message":"differs"}]}';
      const target = await repository([
        { status: 202, headers: { Location: '/u' } },
        { status: 400, body },
      ]);
      await assert.rejects(
        target.push(blob.descriptor, sourceOf(blob.bytes)),
        (error) => error instanceof RegistryError && /DIGEST_INVALID: differs/.test(error.message),
      );
    });
  });

  describe('push of a manifest', () => {
    it('is a PUT by digest, and one by tag for each tag', async () => {
      const target = await repository(() => ({ status: 201 }));
      await target.push(manifest.descriptor, sourceOf(manifest.bytes));
      await target.tag(manifest, 'v1');
      assert.deepEqual(server.lines(), [
        `PUT /v2/team/app/manifests/${digest}`,
        'PUT /v2/team/app/manifests/v1',
      ]);
      assert.equal(server.seen[0]?.headers['content-type'], mediaTypes.ociManifest);
      assert.deepEqual(server.seen[1]?.body, manifest.bytes);
    });

    it('sends nothing when the bytes differ', async () => {
      const target = await repository([]);
      await assert.rejects(
        target.push(manifest.descriptor, sourceOf(Buffer.from('{}'))),
        ContentMismatchError,
      );
      assert.equal(server.seen.length, 0);
    });
  });

  describe('mount', () => {
    it('takes an upload back that the registry began instead', async () => {
      const target = await repository([{ status: 202, headers: { Location: '/upload/1' } }, { status: 204 }]);
      assert.equal(await target.mount(blob.descriptor, 'team/base'), false);
      assert.deepEqual(server.lines(), [
        `POST /v2/team/app/blobs/uploads/?mount=${encodeURIComponent(blob.descriptor.digest)}&from=team%2Fbase`,
        'DELETE /upload/1',
      ]);
    });

    it('goes on without it where it is forbidden', async () => {
      const target = await repository([{ status: 403 }]);
      assert.equal(await target.mount(blob.descriptor, 'team/base'), false);
    });
  });

  describe('reading', () => {
    it('resolves by HEAD', async () => {
      const headers = { ...asManifest, 'Content-Length': String(manifest.bytes.length) };
      const target = await repository([{ headers }]);
      assert.deepEqual(await target.resolve('v1'), manifest.descriptor);
      assert.deepEqual(server.lines(), ['HEAD /v2/team/app/manifests/v1']);
      assert.match(server.seen[0]?.headers.accept ?? '', /image\.index\.v1\+json/);
    });

    it('resolves by GET where HEAD does not tell the digest', async () => {
      const headers = { 'Content-Type': mediaTypes.ociManifest };
      const target = await repository([{ headers }, { headers, body: Buffer.from(manifest.bytes) }]);
      assert.deepEqual(await target.resolve('v1'), manifest.descriptor);
      assert.deepEqual(server.lines(), ['HEAD /v2/team/app/manifests/v1', 'GET /v2/team/app/manifests/v1']);
    });

    const truth = {
      'Content-Type': mediaTypes.ociManifest,
      'Docker-Content-Digest': digest,
      'Content-Length': String(manifest.bytes.length),
    };
    const senseless: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      ['a size of 0', { ...truth, 'Content-Length': '0' }],
      ['a size that no manifest has', { ...truth, 'Content-Length': '4194305' }],
      ['a size that is no safe number', { ...truth, 'Content-Length': '9007199254740993' }],
      [
        'no size',
        {
          'Content-Type': truth['Content-Type'],
          'Docker-Content-Digest': digest,
          'Transfer-Encoding': 'chunked',
        },
      ],
      ['the size of a compressed body', { ...truth, 'Content-Length': '80', 'Content-Encoding': 'gzip' }],
      [
        'a digest of another algorithm than is known',
        { ...truth, 'Docker-Content-Digest': 'md5:d41d8cd98f00b204e9800998ecf8427e' },
      ],
      ['a digest that is none', { ...truth, 'Docker-Content-Digest': 'v1' }],
      ['no media type', { 'Docker-Content-Digest': digest, 'Content-Length': truth['Content-Length'] }],
      ['the media type of something else', { ...truth, 'Content-Type': 'application/json' }],
      ['the media type of a web page', { ...truth, 'Content-Type': 'text/html; charset=utf-8' }],
    ];
    for (const [title, headers] of senseless) {
      it(`resolves by GET where HEAD tells ${title}`, async () => {
        const body = Buffer.from(manifest.bytes);
        const target = await repository([{ headers }, { headers: asManifest, body }]);
        assert.deepEqual(await target.resolve('v1'), manifest.descriptor);
        assert.deepEqual(server.lines(), ['HEAD /v2/team/app/manifests/v1', 'GET /v2/team/app/manifests/v1']);
      });
    }

    it('resolves a digest by GET where HEAD tells another one', async () => {
      for (const other of [digestOf('other'), digestOf(manifest.bytes, 'sha512')]) {
        const head = { ...truth, 'Docker-Content-Digest': other };
        const body = Buffer.from(manifest.bytes);
        const target = await repository([{ headers: head }, { headers: asManifest, body }]);
        assert.deepEqual(await target.resolve(digest), manifest.descriptor);
        await server.stop();
      }
    });

    it('resolves by GET where HEAD is refused', async () => {
      for (const status of [400, 403, 405, 406, 410, 501]) {
        const body = Buffer.from(manifest.bytes);
        const target = await repository([{ status }, { headers: asManifest, body }]);
        assert.deepEqual(await target.resolve('v1'), manifest.descriptor, String(status));
        await server.stop();
      }
    });

    it('does not ask again by GET where HEAD says that nothing is there', async () => {
      const target = await repository([{ status: 404 }]);
      await assert.rejects(target.resolve('v1'), NotFoundError);
      assert.equal(server.seen.length, 1);
    });

    it('resolves by GET where HEAD is led to another host', async () => {
      const other = manifestOf([textBlob('other')]);
      const elsewhere = await startScriptedServer(
        () => ({
          headers: {
            'Content-Type': mediaTypes.ociManifest,
            'Docker-Content-Digest': other.descriptor.digest,
            'Content-Length': String(other.bytes.length),
          },
        }),
        '127.0.0.2',
      );
      try {
        const target = await repository([
          { status: 303, headers: { Location: `http://${elsewhere.host}/login` } },
          { headers: asManifest, body: Buffer.from(manifest.bytes) },
        ]);
        assert.deepEqual(await target.resolve('v1'), manifest.descriptor);
        assert.deepEqual(server.lines(), ['HEAD /v2/team/app/manifests/v1', 'GET /v2/team/app/manifests/v1']);
      } finally {
        await elsewhere.stop();
      }
    });

    it('does not take another digest for the one it asked for', async () => {
      const other = digestOf('other');
      const headers = { ...asManifest, 'Content-Length': '5' };
      const target = await repository(({ line }) =>
        line.startsWith('HEAD') ? { headers } : { headers: asManifest, body: Buffer.from(manifest.bytes) },
      );
      await assert.rejects(target.resolve(other), ContentMismatchError);
      await assert.rejects(target.readManifest(other), ContentMismatchError);
    });

    it('computes the digest of a tag, and takes another in the header for damage on the way', async () => {
      const headers = { ...asManifest, 'Docker-Content-Digest': digestOf('a lie') };
      const body = Buffer.from(manifest.bytes);
      const { 'Content-Type': type } = asManifest;
      const target = await repository([
        { headers, body },
        { headers: { 'Content-Type': type }, body },
      ]);
      await assert.rejects(target.readManifest('v1'), ContentMismatchError);
      assert.deepEqual((await target.readManifest('v1')).descriptor, manifest.descriptor);
    });

    it('refuses a manifest without end', async () => {
      const target = await repository([
        { headers: asManifest, body: Buffer.alloc(4 * 1024 * 1024 + 1, ' ') },
      ]);
      await assert.rejects(target.readManifest('v1'), /larger than 4194304 bytes/);
    });

    it('refuses a blob whose bytes differ', async () => {
      const target = await repository([{ body: 'bulb' }]);
      await assert.rejects(
        async () => buffer(await target.fetch(blob.descriptor)),
        (error) => {
          return error instanceof ContentMismatchError && error.expected === blob.descriptor.digest;
        },
      );
    });

    it('goes on behind the last byte when the connection breaks', async () => {
      const half = { headers: { 'Content-Length': '4' }, body: 'bl', cut: true };
      const rest = { status: 206, headers: { 'Content-Range': 'bytes 2-3/4' }, body: 'ob' };
      const target = await repository([half, { cut: true }, rest]);
      assert.deepEqual(await buffer(await target.fetch(blob.descriptor)), blob.bytes);
      assert.deepEqual(
        server.seen.map(({ headers }) => headers.range),
        [undefined, 'bytes=2-', 'bytes=2-'],
      );
    });

    it('reports a broken connection where the server does not give the rest', async () => {
      const half = { headers: { 'Content-Length': '4' }, body: 'bl', cut: true };
      const target = await repository([half, { body: blob.bytes }]);
      await assert.rejects(readBlob(target), NetworkError);
    });

    it('gives up on a connection that breaks again and again', async () => {
      const half = { status: 200, headers: { 'Content-Length': '4' }, body: 'b', cut: true };
      const none = {
        status: 206,
        headers: { 'Content-Range': 'bytes 1-3/4', 'Content-Length': '3' },
        body: '',
        cut: true,
      };
      const target = await repository(({ headers }) => (headers.range ? none : half));
      await assert.rejects(readBlob(target), NetworkError);
      assert.equal(server.seen.length, 11);
    });

    it('stops the download when nobody wants it any more', async () => {
      const target = await repository([{ headers: { 'Content-Length': '4' }, body: 'bl', hang: true }]);
      const stream = await target.fetch(blob.descriptor);
      stream.once('data', () => stream.destroy());
      await once(stream, 'close');
      assert.equal(server.seen.length, 1);
    });

    it('says what was not found', async () => {
      const target = await repository(() => ({ status: 404 }));
      await assert.rejects(target.readManifest('v1'), /team\/app:v1 was not found/);
      await assert.rejects(target.fetch(blob.descriptor), NotFoundError);
      assert.equal(await target.exists(blob.descriptor), false);
    });

    it('sends nothing for a reference that is neither tag nor digest', async () => {
      const target = await repository([]);
      for (const reference of ['../../_catalog', 'a/b', '', 'sha256:12']) {
        await assert.rejects(async () => target.resolve(reference), InvalidReferenceError);
      }
      assert.throws(
        () => new Registry(server.host, testTransport()).repository('../x'),
        InvalidReferenceError,
      );
      assert.equal(server.seen.length, 0);
    });
  });

  describe('referrers', () => {
    const entry = (artifactType: string) => ({
      ...textBlob(artifactType, mediaTypes.ociManifest).descriptor,
      artifactType,
    });
    const list = (manifests: unknown, headers: object = {}) => ({
      headers: { 'Content-Type': mediaTypes.ociIndex, ...headers },
      body: JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }),
    });
    const types = async (script: Script, artifactType?: string) => {
      const target = await repository(script);
      const found = await collect(target.referrers({ digest }, artifactType ? { artifactType } : {}));
      return found.map((referrer) => referrer.artifactType);
    };

    it('come from the API, page by page', async () => {
      const link = { Link: `</v2/team/app/referrers/${digest}?page=2>; rel="next"` };
      assert.deepEqual(await types([list([entry('a')], link), list([entry('b')])]), ['a', 'b']);
    });

    it('are filtered here unless the registry did', async () => {
      assert.deepEqual(await types([list([entry('a'), entry('b')])], 'b'), ['b']);
      assert.deepEqual(server.lines(), [`GET /v2/team/app/referrers/${digest}?artifactType=b`]);
      await server.stop();
      const applied = { 'OCI-Filters-Applied': 'artifactType' };
      assert.deepEqual(await types([list([entry('a')], applied)], 'b'), ['a']);
    });

    it('may be null', async () => {
      assert.deepEqual(await types([list(null)]), []);
    });

    for (const [title, answer] of [
      ['404', { status: 404 }],
      ['a web page', { headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
      ['another JSON', { headers: { 'Content-Type': 'application/json' }, body: '{}' }],
    ] as const) {
      it(`come from the tag schema after ${title}`, async () => {
        const referrer = manifestOf([blob], { subject: manifest.descriptor, artifactType: 'x' });
        const index = list([{ ...referrer.descriptor, artifactType: 'x' }]);
        const found = await types([
          answer,
          index,
          { headers: { 'Content-Type': mediaTypes.ociManifest }, body: referrer.bytes },
        ]);
        assert.deepEqual(found, ['x']);
        assert.equal(server.lines()[1], `GET /v2/team/app/manifests/${digest.replace(':', '-')}`);
      });
    }

    it('are not looked for by the API for a minute behind a list that clients keep', async () => {
      const clock = new TestClock();
      server = await startScriptedServer(({ line }) =>
        line.includes('/referrers/') ? { status: 404 } : list([entry('a')]),
      );
      const target = new Registry(server.host, testTransport({ clock }), { clock }).repository('team/app');
      const read = () => collect(target.referrers({ digest }, { unread: new Set() }));
      for (let time = 1; time <= 3; time++) assert.equal((await read()).length, 1);
      const asked = () => server.lines().filter((line) => line.includes('/referrers/')).length;
      assert.deepEqual([asked(), server.seen.length], [1, 4]);
      clock.advance(60_000);
      await read();
      assert.equal(asked(), 2);
    });

    it('are looked for by the API again where no list is kept', async () => {
      const target = await repository(() => ({ status: 404 }));
      for (let time = 1; time <= 2; time++) assert.deepEqual(await collect(target.referrers({ digest })), []);
      assert.equal(server.lines().filter((line) => line.includes('/referrers/')).length, 2);
    });

    it('are given unread from a list that clients keep, and named, where that is wanted', async () => {
      const unread = new Set<Digest>();
      const blobEntry = textBlob('no manifest').descriptor;
      const target = await repository([{ status: 404 }, list([entry('a'), blobEntry])]);
      const found = await collect(target.referrers({ digest }, { unread }));
      assert.deepEqual([found, [...unread]], [[entry('a')], [entry('a').digest]]);
      assert.equal(server.seen.length, 2);
      await server.stop();
      const api = await repository([list([entry('b')])]);
      await collect(api.referrers({ digest }, { unread }));
      assert.equal(unread.size, 1);
    });

    it('are none where the tag leads to the subject itself', async () => {
      const bytes = encodeImageIndex({ manifests: [manifest.descriptor] });
      const target = await repository([
        { status: 404 },
        { headers: { 'Content-Type': mediaTypes.ociIndex }, body: bytes },
      ]);
      assert.deepEqual(await collect(target.referrers({ digest: digestOf(bytes) })), []);
      assert.equal(server.seen.length, 2);
    });

    it('report a registry that fails', async () => {
      await assert.rejects(
        types(() => ({ status: 500 })),
        (error) => error instanceof RegistryError && error.status === 500,
      );
    });
  });

  it('name a Docker Hub repository as its API does', async () => {
    const requests: TransportRequest[] = [];
    const send = (request: TransportRequest) => {
      requests.push(request);
      return Promise.reject(new Error('sent'));
    };
    const hub = new Registry('docker.io', { ...testTransport(), send });
    await assert.rejects(hub.repository('alpine').resolve('3'), /sent/);
    const [request] = requests;
    assert.equal(request?.host, 'docker.io');
    assert.equal(request?.path, '/v2/library/alpine/manifests/3');
    assert.deepEqual(request?.scopes, ['repository:library/alpine:pull']);
  });
});
