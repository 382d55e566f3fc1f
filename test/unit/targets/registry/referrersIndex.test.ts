import assert from 'node:assert/strict';
import type { Descriptor } from '../../../../src/oci/descriptor';
import { digestOf, type Digest } from '../../../../src/oci/digest';
import {
  ConflictError,
  InvalidContentError,
  NotFoundError,
  NotListedError,
  UnsupportedError,
} from '../../../../src/oci/errors';
import { encodeImageIndex, parseManifest } from '../../../../src/oci/manifest';
import { mediaTypes } from '../../../../src/oci/mediaTypes';
import { Registry } from '../../../../src/targets/registry/registry';
import { referrersTag } from '../../../../src/targets/registry/repositoryAddress';
import { manifestOf, sourceOf, textBlob } from '../../../support/artifacts';
import {
  startScriptedServer,
  type ScriptedAnswer,
  type ScriptedServer,
  type SeenRequest,
} from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';
import { testTransport } from '../../../support/testTransport';

const subject = manifestOf([textBlob('subject')]);
const TAG = referrersTag(subject.descriptor.digest);
const LIST = `/v2/team/app/manifests/${TAG}`;
const referrer = manifestOf([textBlob('note')], { subject: subject.descriptor });
const other = manifestOf([textBlob('other')], { subject: subject.descriptor });
const listedReferrer = { ...referrer.descriptor, artifactType: 'application/vnd.example.test' };
const described = { artifactType: 'application/vnd.example.test', annotations: { by: 'another' } };
const third = manifestOf([textBlob('third')], { subject: subject.descriptor });

/** The list under the subject's tag, as a registry without the API keeps it, and what happens to it. */
class FallbackServer {
  list: Buffer | undefined;
  /** Called when a list was written; may put another in its place. */
  afterWrite: (writes: number) => void = () => undefined;
  writes = 0;
  subjectHeader = false;
  /** How often the manifest that refers comes without its first byte. */
  damagedReads = 0;
  /** In place of the list, once. */
  firstListAnswer: ScriptedAnswer | undefined;
  /** What the registry says to a DELETE. */
  deleteStatus = 202;

  constructor(entries?: readonly Descriptor[]) {
    if (entries) this.list = encodeImageIndex({ manifests: entries });
  }

  readonly answer = ({ line, body }: SeenRequest): ScriptedAnswer => {
    const [method, path] = line.split(' ');
    if (method === 'DELETE') return { status: this.deleteStatus };
    if (method === 'POST') return { status: 202, headers: { Location: '/up/1' } };
    if (method === 'GET' && path !== LIST) return this.referrerAnswer();
    if (path !== LIST) {
      return { status: 201, headers: this.subjectHeader ? { 'OCI-Subject': subject.descriptor.digest } : {} };
    }
    if (method === 'GET') return this.listAnswer();
    this.list = body;
    this.afterWrite(++this.writes);
    return { status: 201 };
  };

  entries(): Digest[] {
    return this.list ? parseManifest(this.list).manifests.map(({ digest }) => digest) : [];
  }

  private referrerAnswer(): ScriptedAnswer {
    const body = this.damagedReads-- > 0 ? referrer.bytes.subarray(1) : referrer.bytes;
    return { body, headers: { 'Content-Type': mediaTypes.ociManifest } };
  }

  private listAnswer(): ScriptedAnswer {
    const first = this.firstListAnswer;
    this.firstListAnswer = undefined;
    if (first) return first;
    if (!this.list) return { status: 404 };
    const { mediaType } = JSON.parse(this.list.toString()) as { mediaType: string };
    return { body: this.list, headers: { 'Content-Type': mediaType } };
  }
}

describe('The list of referrers that clients keep', () => {
  let server: ScriptedServer;
  let clock: TestClock;
  afterEach(() => server?.stop());

  const push = async (fallback: FallbackServer) => {
    server = await startScriptedServer(fallback.answer);
    clock = new TestClock();
    const options = { clock, random: () => 0.5 };
    const target = new Registry(server.host, testTransport({ clock }), options).repository('team/app');
    await target.push(referrer.descriptor, sourceOf(referrer.bytes));
  };

  it('is left alone where the registry keeps it', async () => {
    const fallback = new FallbackServer();
    fallback.subjectHeader = true;
    await push(fallback);
    assert.deepEqual(server.lines(), [`PUT /v2/team/app/manifests/${referrer.descriptor.digest}`]);
  });

  it('is read, written, and read again after a while', async () => {
    await push(new FallbackServer());
    assert.deepEqual(server.lines().slice(1), [`GET ${LIST}`, `PUT ${LIST}`, `GET ${LIST}`]);
    assert.deepEqual(clock.waitsMs, [225]);
  });

  it('is read again at the end of a long work, once for all that it wrote', async () => {
    const fallback = new FallbackServer();
    fallback.afterWrite = (writes) => {
      if (writes === 2) fallback.list = encodeImageIndex({ manifests: [other.descriptor] });
    };
    server = await startScriptedServer(fallback.answer);
    clock = new TestClock();
    const options = { clock, random: () => 0.5 };
    const target = new Registry(server.host, testTransport({ clock }), options).repository('team/app');
    await target.settling(async () => {
      await target.push(referrer.descriptor, sourceOf(referrer.bytes));
      await target.listPushed();
      assert.equal(fallback.writes, 1);
      fallback.list = undefined;
      await target.push(third.descriptor, sourceOf(third.bytes));
      await target.listPushed();
      assert.deepEqual(clock.waitsMs, []);
    });
    const ours = [referrer.descriptor.digest, third.descriptor.digest];
    assert.deepEqual(fallback.entries(), [other.descriptor.digest, ...ours]);
    assert.deepEqual(clock.waitsMs, [225, 225]);
  });

  it('is written once for all that one work pushes, and by whoever comes first', async () => {
    const fallback = new FallbackServer([{ ...other.descriptor, ...described }]);
    server = await startScriptedServer(fallback.answer);
    clock = new TestClock();
    const target = new Registry(server.host, testTransport({ clock }), { clock }).repository('team/app');
    const pushAndList = async (...manifests: readonly (typeof referrer)[]) => {
      for (const { descriptor, bytes } of manifests) await target.push(descriptor, sourceOf(bytes));
      await target.listPushed();
      for (const { descriptor } of manifests) assert.ok(fallback.entries().includes(descriptor.digest));
    };
    const fourth = manifestOf([textBlob('fourth')], { subject: subject.descriptor });
    await target.settling(() => Promise.all([pushAndList(referrer, third), pushAndList(fourth)]));
    const ours = [referrer, third, fourth].map(({ descriptor }) => descriptor.digest);
    assert.deepEqual([...fallback.entries()].sort(), [other.descriptor.digest, ...ours].sort());
    assert.ok(fallback.writes <= 2);
    assert.equal(clock.waitsMs.length, 1);
    await target.listPushed();
    const beforeRemovals = server.lines().join('\n').split('DELETE')[0] ?? '';
    assert.equal(beforeRemovals.match(/GET .*sha256-/g)?.length, fallback.writes + 1);
  });

  it('is written for what was pushed last as well, and not when the work failed', async () => {
    const fallback = new FallbackServer();
    server = await startScriptedServer(fallback.answer);
    clock = new TestClock();
    const target = new Registry(server.host, testTransport({ clock }), { clock }).repository('team/app');
    const failing = target.settling(async () => {
      await target.push(referrer.descriptor, sourceOf(referrer.bytes));
      throw new Error('stopped');
    });
    await assert.rejects(failing, /stopped/);
    assert.equal(fallback.writes, 0);
    await target.settling(() => target.push(referrer.descriptor, sourceOf(referrer.bytes)));
    assert.deepEqual(fallback.entries(), [referrer.descriptor.digest]);
  });

  it('has the type and annotations of what refers', async () => {
    const fallback = new FallbackServer();
    await push(fallback);
    assert.deepEqual(parseManifest(fallback.list ?? Buffer.alloc(0)).manifests, [
      { ...referrer.descriptor, artifactType: 'application/vnd.example.test' },
    ]);
  });

  it('keeps what is in it, and nothing that is no manifest or the subject itself', async () => {
    const fallback = new FallbackServer([
      other.descriptor,
      textBlob('a blob').descriptor,
      subject.descriptor,
      other.descriptor,
    ]);
    await push(fallback);
    assert.deepEqual(fallback.entries(), [other.descriptor.digest, referrer.descriptor.digest]);
  });

  it('is written again when another writer overwrote it', async () => {
    const fallback = new FallbackServer();
    fallback.afterWrite = (writes) => {
      if (writes === 1) fallback.list = encodeImageIndex({ manifests: [other.descriptor] });
    };
    await push(fallback);
    assert.deepEqual(fallback.entries(), [other.descriptor.digest, referrer.descriptor.digest]);
    assert.equal(fallback.writes, 2);
  });

  it('is looked at until nobody else writes it', async () => {
    const fallback = new FallbackServer();
    fallback.afterWrite = (writes) => {
      const both = [referrer.descriptor, other.descriptor];
      if (writes === 1) fallback.list = encodeImageIndex({ manifests: both });
    };
    await push(fallback);
    const ours = `/v2/team/app/manifests/${digestOf(encodeImageIndex({ manifests: [listedReferrer] }))}`;
    const looks = [`GET ${LIST}`, `PUT ${LIST}`, `GET ${LIST}`, `GET ${LIST}`];
    assert.deepEqual(server.lines().slice(1), [...looks, `DELETE ${ours}`, `GET ${LIST}`]);
  });

  it('gives up when others overwrite it each time', async () => {
    const fallback = new FallbackServer();
    fallback.afterWrite = (writes) => {
      const theirs = writes % 2 === 0 ? other : third;
      fallback.list = encodeImageIndex({ manifests: [theirs.descriptor] });
    };
    await assert.rejects(push(fallback), notListedFor(ConflictError));
    assert.ok(fallback.writes >= 10 && fallback.writes < 100);
  });

  it('is not written where the tag leads to the subject itself', async () => {
    const fallback = new FallbackServer();
    fallback.list = Buffer.from(subject.bytes);
    await assert.rejects(push(fallback), notListedFor(UnsupportedError));
    assert.equal(fallback.writes, 0);
  });

  it('does not take the place of something else', async () => {
    const fallback = new FallbackServer();
    fallback.list = Buffer.from(other.bytes);
    await assert.rejects(push(fallback), notListedFor(InvalidContentError));
    assert.equal(fallback.writes, 0);
  });

  it('does not take the place of a list that cannot be read', async () => {
    const fallback = new FallbackServer();
    fallback.firstListAnswer = { headers: { 'Content-Type': mediaTypes.ociIndex }, body: '{"manifests":' };
    await assert.rejects(push(fallback), notListedFor(InvalidContentError));
    assert.equal(fallback.writes, 0);
  });

  it('does not grow past what registries take', async () => {
    const annotations = { text: 'x'.repeat(4 * 1024 * 1024 - 400) };
    const fallback = new FallbackServer([{ ...other.descriptor, annotations }]);
    await assert.rejects(push(fallback), /has no room for one more referrer/);
    assert.equal(
      digestOf(fallback.list ?? ''),
      digestOf(encodeImageIndex({ manifests: [{ ...other.descriptor, annotations }] })),
    );
  });

  describe('when a manifest on it is removed', () => {
    const remove = async (fallback: FallbackServer) => {
      server = await startScriptedServer(fallback.answer);
      const options = { clock: new TestClock(), random: () => 0.5 };
      const target = new Registry(server.host, testTransport(options), options).repository('team/app');
      await target.remove(referrer.descriptor);
    };
    const listed = () => new FallbackServer([other.descriptor, referrer.descriptor]);

    it('is written first, so that it never names what is gone', async () => {
      const fallback = listed();
      await remove(fallback);
      const path = `/v2/team/app/manifests/${referrer.descriptor.digest}`;
      const written = ({ line }: SeenRequest) => !line.startsWith('GET');
      const lines = server.seen.filter(written).map(({ line }) => line);
      const before = digestOf(encodeImageIndex({ manifests: [other.descriptor, referrer.descriptor] }));
      assert.deepEqual(lines, [`PUT ${LIST}`, `DELETE /v2/team/app/manifests/${before}`, `DELETE ${path}`]);
      assert.deepEqual(fallback.entries(), [other.descriptor.digest]);
    });

    for (const status of [403, 405, 500]) {
      it(`names it again when the registry answers ${status}`, async () => {
        const fallback = listed();
        fallback.deleteStatus = status;
        await assert.rejects(remove(fallback));
        assert.deepEqual(fallback.entries(), [other.descriptor.digest, referrer.descriptor.digest]);
      });
    }

    it('does not name it again when it is gone already', async () => {
      const fallback = listed();
      fallback.deleteStatus = 404;
      await assert.rejects(remove(fallback), NotFoundError);
      assert.deepEqual(fallback.entries(), [other.descriptor.digest]);
    });

    it('is written also when the manifest was damaged on its way, once', async () => {
      const fallback = listed();
      fallback.damagedReads = 1;
      await remove(fallback);
      assert.deepEqual(fallback.entries(), [other.descriptor.digest]);
    });

    for (const [what, status] of Object.entries({ 'is not there': 404, 'is a web page': 200 })) {
      it(`is looked at once more when the first answer says that it ${what}`, async () => {
        const fallback = listed();
        fallback.firstListAnswer = { status, headers: { 'Content-Type': 'text/html' }, body: '<html>' };
        await remove(fallback);
        assert.deepEqual(fallback.entries(), [other.descriptor.digest]);
      });
    }

    it('does not keep a manifest that cannot be read from being removed', async () => {
      const fallback = listed();
      fallback.damagedReads = Infinity;
      await remove(fallback);
      assert.match(server.lines().at(-1) ?? '', /^DELETE /);
    });

    it('does not keep it from being removed where the tag holds something else', async () => {
      const fallback = new FallbackServer();
      fallback.list = Buffer.from(other.bytes);
      await remove(fallback);
      assert.equal(fallback.writes, 0);
      assert.ok(server.lines().some((line) => line.startsWith('DELETE ')));
    });
  });
});

function notListedFor(reason: new (...args: never[]) => Error) {
  return (error: unknown) => error instanceof NotListedError && error.cause instanceof reason;
}
