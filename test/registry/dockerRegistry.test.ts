import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import type { Descriptor } from '../../src/oci/descriptor';
import { digestOf, type Digest } from '../../src/oci/digest';
import { NetworkError, NotFoundError, SignInRequiredError, UnsupportedError } from '../../src/oci/errors';
import { encodeImageIndex } from '../../src/oci/manifest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { Registry } from '../../src/targets/registry/registry';
import type { Repository } from '../../src/targets/registry/repository';
import type { Endpoint } from '../../src/transport/transport';
import { collect, pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { makeCertificates, type Certificates } from '../support/certificates';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { startFaultyProxy, type Fault } from '../support/faultyProxy';
import { peerOrSkip } from '../support/peers';
import { testCredential, testTransport, type TestTransportOptions } from '../support/testTransport';
import { startTokenIssuer, testIdentityToken, type TokenIssuer } from '../support/tokenIssuer';

describe('Registry client against docker-registry', function () {
  this.timeout(30_000);
  before(function () {
    peerOrSkip(this, 'docker-registry');
  });

  describe('open', () => {
    const use = registryFor(() => ({ deleteEnabled: true }));

    it('says that it never asked who is there', async () => {
      assert.deepEqual(await use.client().ping(), { access: 'open' });
      assert.deepEqual(await use.client({ credential: testCredential }).ping(), { access: 'open' });
    });

    it('lists repositories page by page', async () => {
      for (const name of ['pages/a', 'pages/b', 'pages/c']) {
        await pushArtifact(use.client().repository(name), [textBlob(name)]);
      }
      const found = await collect(use.client().repositories({ pageSize: 2 }));
      assert.deepEqual(
        found.filter((name) => name.startsWith('pages/')),
        ['pages/a', 'pages/b', 'pages/c'],
      );
      const [first] = await collect(use.client().repositories({ last: 'pages/a' }));
      assert.equal(first, 'pages/b');
    });

    it('mounts a blob from another repository, and says when it cannot', async () => {
      const blob = textBlob('mounted');
      await use.client().repository('mount/from').push(blob.descriptor, sourceOf(blob.bytes));
      const target = use.client().repository('mount/to');
      assert.equal(await target.mount(blob.descriptor, 'mount/from'), true);
      assert.equal(await target.exists(blob.descriptor), true);
      assert.equal(await target.mount(textBlob('nowhere').descriptor, 'mount/from'), false);
    });

    it('finds referrers by the tag schema, and leaves out what does not name the subject', async () => {
      const target = use.client().repository('referrers');
      const subject = await pushArtifact(target, [textBlob('subject')]);
      const referrer = await pushArtifact(target, [textBlob('signature')], {
        subject: subject.descriptor,
        artifactType: 'application/vnd.example.signature',
      });
      const stranger = await pushArtifact(target, [textBlob('stranger')]);
      await pushFallbackIndex(target, subject.descriptor.digest, [
        { ...referrer.descriptor, artifactType: 'application/vnd.example.signature' },
        stranger.descriptor,
      ]);
      const digests = async (artifactType?: string) =>
        (await collect(target.referrers(subject.descriptor, artifactType ? { artifactType } : {}))).map(
          ({ digest }) => digest,
        );
      assert.deepEqual(await digests(), [referrer.descriptor.digest]);
      assert.deepEqual(await digests('application/vnd.example.signature'), [referrer.descriptor.digest]);
      assert.deepEqual(await digests('application/vnd.example.other'), []);
      assert.deepEqual(await collect(target.referrers(stranger.descriptor)), []);
    });

    it('names a repository that has no tags as not found', async () => {
      await assert.rejects(collect(use.client().repository('never/pushed').tags()), NotFoundError);
    });
  });

  describe('open, deleting refused', () => {
    const use = registryFor(() => ({}));

    it('says that deleting is not supported', async () => {
      const target = use.client().repository('kept');
      const manifest = await pushArtifact(target, [textBlob('kept')]);
      await assert.rejects(target.remove(manifest.descriptor), UnsupportedError);
    });
  });

  describe('with a bound on the page of its catalog', () => {
    const use = registryFor(() => ({ maxEntries: 2 }));

    it('lists all repositories in pages of its own size', async () => {
      const names = ['bounded/a', 'bounded/b', 'bounded/c'];
      for (const name of names) await pushArtifact(use.client().repository(name), [textBlob(name)]);
      for (const pageSize of [undefined, 100]) {
        assert.deepEqual(await collect(use.client().repositories(pageSize ? { pageSize } : {})), names);
      }
    });
  });

  describe('htpasswd', () => {
    const use = registryFor(() => ({ auth: 'htpasswd' }));

    it('asks to sign in, then lets in', async () => {
      await assert.rejects(use.client().ping(), isSignInRequired(false));
      await assert.rejects(use.client().repository('x').resolve('v1'), isSignInRequired(false));
      assert.deepEqual(await use.client({ credential: testCredential }).ping(), { access: 'credentials' });
    });

    it('says that the credentials were refused', async () => {
      const credential = { kind: 'basic', username: 'tester', password: 'wrong' } as const;
      await assert.rejects(use.client({ credential }).ping(), isSignInRequired(true));
    });

    it('asks once, then sends credentials with each request', async () => {
      const transport = testTransport({ credential: testCredential });
      const target = new Registry(use.host(), transport).repository('signed/in');
      const manifest = await pushArtifact(target, [textBlob('signed in')]);
      await target.tag(manifest, 'v1');
      assert.deepEqual(await collect(target.tags()), ['v1']);
      assert.equal(transport.log.filter(({ outcome }) => outcome === 401).length, 1);
    });
  });

  describe('htpasswd, which hides from strangers that anything is there', () => {
    const use = registryFor(() => ({ auth: 'htpasswd', deleteEnabled: true }));
    const nothing = (status: number): Fault => ({
      kind: 'answer',
      answer: { status, headers: {}, body: Buffer.from('') },
    });
    /** Answers as the registry does to `/v2/` and to who is signed in; to others it says that there is nothing. */
    const behind = (status: number) =>
      startFaultyProxy({
        upstream: use.host(),
        faultFor: ({ isSignedIn, path }) =>
          isSignedIn || path === '/v2/' ? undefined : { fault: nothing(status), place: 0 },
      });

    for (const status of [404, 403]) {
      it(`pushes, reads, lists and deletes with a stored sign-in behind ${status}`, async () => {
        const proxy = await behind(status);
        try {
          const transport = testTransport({ credential: testCredential });
          await roundTrip(new Registry(proxy.host, transport), `hidden/by${status}`);
          assert.equal(proxy.seen.filter(({ path }) => path === '/v2/').length, 1);
          assert.ok(proxy.seen.filter(({ isSignedIn }) => !isSignedIn).length <= 2);
        } finally {
          await proxy.stop();
        }
      });
    }
  });

  describe('TLS with a certificate of its own, on 127.0.0.2, htpasswd', () => {
    let certificates: Certificates;
    before(async () => {
      certificates = await makeCertificates();
    });
    const use = registryFor(() => ({ auth: 'htpasswd', tls: certificates, deleteEnabled: true }));
    const over = (endpoint: Partial<Endpoint>) =>
      use.client({ credential: testCredential, endpoint: { plainHttp: false, ...endpoint } });

    it('refuses the certificate unless told otherwise', async () => {
      await assert.rejects(over({}).ping(), (error) => {
        assert.ok(error instanceof NetworkError);
        assert.equal(error.causeCode, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
        assert.match(error.message, /127\.0\.0\.2:\d+.*not trusted/);
        return true;
      });
    });

    for (const way of ['its authority known', 'verification skipped']) {
      it(`pushes, reads, lists and deletes with ${way}`, async () => {
        const registry = over(way === 'its authority known' ? { ca: certificates.ca } : { insecure: true });
        assert.deepEqual(await registry.ping(), { access: 'credentials' });
        await roundTrip(registry, `tls/${way.replaceAll(' ', '-')}`);
      });
    }
  });

  describe('token authentication', () => {
    let issuer: TokenIssuer;
    before(async () => {
      issuer = await startTokenIssuer();
    });
    after(() => issuer.stop());
    const use = registryFor(() => ({ auth: issuer, deleteEnabled: true }));

    it('pushes, reads, lists and deletes with user name and password', async () => {
      const registry = use.client({ credential: testCredential });
      assert.deepEqual(await registry.ping(), { access: 'credentials' });
      await roundTrip(registry, 'private/basic');
    });

    it('pushes, reads, lists and deletes with an identity token', async () => {
      const credential = { kind: 'identityToken', token: testIdentityToken } as const;
      await roundTrip(use.client({ credential }), 'private/identity');
    });

    it('gets one token for each set of scopes', async () => {
      const before = issuer.requests.length;
      await pushArtifact(use.client({ credential: testCredential }).repository('private/tokens'), [
        textBlob('one'),
        textBlob('two'),
      ]);
      assert.deepEqual(issuer.requests.slice(before), ['basic repository:private/tokens:pull,push']);
    });

    it('lets a stranger pull what is public, and asks to sign in for the rest', async () => {
      const blob = textBlob('public');
      await pushArtifact(use.client({ credential: testCredential }).repository('public/thing'), [blob]);
      const stranger = use.client();
      assert.deepEqual(await stranger.ping(), { access: 'anonymous' });
      assert.deepEqual(
        await buffer(await stranger.repository('public/thing').fetch(blob.descriptor)),
        blob.bytes,
      );
      await assert.rejects(
        pushArtifact(stranger.repository('public/thing'), [textBlob('new')]),
        isSignInRequired(false),
      );
      await assert.rejects(collect(stranger.repositories()), isSignInRequired(false));
    });

    it('mounts with a token for both repositories', async () => {
      const registry = use.client({ credential: testCredential });
      const blob = textBlob('mounted with a token');
      await registry.repository('private/from').push(blob.descriptor, sourceOf(blob.bytes));
      assert.equal(await registry.repository('private/to').mount(blob.descriptor, 'private/from'), true);
    });
  });
});

/** Starts a registry for the tests of the surrounding suite. */
function registryFor(options: () => Parameters<typeof startDockerRegistry>[0]) {
  let registry: DockerRegistry;
  before(async () => {
    registry = await startDockerRegistry(options());
  });
  after(() => registry?.stop());
  return {
    host: () => registry.host,
    client: (transport?: TestTransportOptions) => new Registry(registry.host, testTransport(transport)),
  };
}

/** Keeps a list of referrers at the tag where clients look for it. */
async function pushFallbackIndex(
  target: Repository,
  subject: Digest,
  manifests: Descriptor[],
): Promise<void> {
  const bytes = encodeImageIndex({ manifests });
  const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
  await target.tag({ descriptor, bytes }, subject.replace(':', '-'));
}

async function roundTrip(registry: Registry, name: string): Promise<void> {
  const target = registry.repository(name);
  const blob = textBlob(`content of ${name}`);
  const manifest = await pushArtifact(target, [blob]);
  await target.tag(manifest, 'v1');
  assert.equal((await target.resolve('v1')).digest, manifest.descriptor.digest);
  assert.deepEqual(await buffer(await target.fetch(blob.descriptor)), blob.bytes);
  assert.deepEqual(await collect(target.tags()), ['v1']);
  assert.ok((await collect(registry.repositories())).includes(name));
  await target.remove(manifest.descriptor);
  await assert.rejects(target.resolve('v1'), NotFoundError);
}

function isSignInRequired(credentialsSent: boolean) {
  return (error: unknown) =>
    error instanceof SignInRequiredError && error.credentialsSent === credentialsSent;
}
