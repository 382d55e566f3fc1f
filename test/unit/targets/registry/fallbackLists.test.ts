import assert from 'node:assert/strict';
import type { Descriptor } from '../../../../src/oci/descriptor';
import { digestOf, isDigest, type Digest } from '../../../../src/oci/digest';
import { NotListedError, RegistryError } from '../../../../src/oci/errors';
import { mediaTypes } from '../../../../src/oci/mediaTypes';
import { Registry } from '../../../../src/targets/registry/registry';
import type { Repository } from '../../../../src/targets/registry/repository';
import { referrersTag } from '../../../../src/targets/registry/repositoryAddress';
import { collect, manifestOf, sourceOf, textBlob } from '../../../support/artifacts';
import { ScriptedRepository } from '../../../support/scriptedRepository';
import {
  startScriptedServer,
  type ScriptedAnswer,
  type ScriptedServer,
  type SeenRequest,
} from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';
import { testTransport } from '../../../support/testTransport';

const TYPE = 'application/vnd.example.note';
const subject = manifestOf([textBlob('subject')]);
const TAG = referrersTag(subject.descriptor.digest);
const LIST = `/v2/team/app/manifests/${TAG}`;
const note = (text: string) =>
  manifestOf([textBlob(text)], {
    subject: subject.descriptor,
    artifactType: TYPE,
    annotations: { note: text },
  });
const [one, two, three] = [note('one'), note('two'), note('three')];
const whole = ({ descriptor }: typeof one, text: string) => ({
  ...descriptor,
  annotations: { note: text },
  artifactType: TYPE,
});

const refusals: Readonly<Record<string, ScriptedAnswer>> = {
  'Amazon ECR': refusal(400, 'TAG_INVALID', 'The tag is immutable and cannot be overwritten'),
  Harbor: refusal(412, 'PRECONDITION', "Failed to process request due to 'x' configured as immutable"),
  'Azure Container Registry': refusal(409, 'TAG_ALREADY_EXISTS', 'The tag already exists'),
  Google: refusal(400, 'MANIFEST_INVALID', 'Tag immutability is enabled; the tag cannot be overwritten'),
};

describe('The list of referrers under a tag', () => {
  let server: ScriptedServer;
  let stored: ScriptedRepository;
  let target: Repository;

  const open = () => {
    const clock = new TestClock();
    return new Registry(server.host, testTransport({ clock }), { clock }).repository('team/app');
  };
  beforeEach(async () => {
    stored = new ScriptedRepository();
    server = await startScriptedServer(stored.answer);
    target = open();
  });
  afterEach(() => server.stop());

  const attach = ({ descriptor, bytes }: typeof one, at = target) => at.push(descriptor, sourceOf(bytes));
  const digests = () => stored.listed(TAG).map(({ digest }) => digest);
  const digestsOf = (...manifests: readonly (typeof one)[]) =>
    manifests.map(({ descriptor }) => descriptor.digest);
  const lists = () => [...stored.manifests.values()].filter(({ type }) => type === mediaTypes.ociIndex);

  it('is written with the types and annotations that other clients left out', async () => {
    stored.putAll(one, two);
    stored.putList(TAG, [{ ...one.descriptor, artifactType: mediaTypes.ociConfig }, two.descriptor]);
    await attach(three);
    assert.deepEqual(stored.listed(TAG), [whole(one, 'one'), whole(two, 'two'), whole(three, 'three')]);
  });

  it('is written without reading what is whole already', async () => {
    stored.putAll(one);
    stored.putList(TAG, [whole(one, 'one')]);
    await attach(three);
    const reads = server.lines().filter((line) => line.startsWith('GET') && !line.endsWith(TAG));
    assert.deepEqual(reads, []);
  });

  it('keeps an entry as it stands that cannot be read now', async () => {
    stored.putAll(one);
    stored.putList(TAG, [one.descriptor]);
    stored.rule = ({ line }) => (line.startsWith('GET') && !line.endsWith(TAG) ? { status: 500 } : undefined);
    await attach(three);
    assert.deepEqual(stored.listed(TAG)[0], one.descriptor);
  });

  it('loses nothing that is written while manifests are read', async () => {
    stored.putAll(one, two);
    stored.putList(TAG, [one.descriptor]);
    stored.rule = ({ line }) => {
      if (line === `GET /v2/team/app/manifests/${one.descriptor.digest}`)
        stored.putList(TAG, [one.descriptor, two.descriptor]);
      return undefined;
    };
    await attach(three);
    assert.deepEqual(digests(), digestsOf(one, two, three));
    const writes = server.lines().filter((line) => line === `PUT ${LIST}`);
    assert.equal(writes.length, 1);
  });

  const unusable: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['an entry without a digest', { mediaType: mediaTypes.ociManifest, size: 1 }],
    ['an entry with a bad digest', { ...two.descriptor, digest: 'x' }],
    ['the same entry again', one.descriptor],
    ['a digest alone that leads nowhere', { digest: digestOf('nothing') }],
  ];
  for (const [what, entry] of unusable) {
    it(`takes one more, and gives one up, beside ${what}`, async () => {
      stored.putAll(one, two);
      stored.putList(TAG, [entry, one.descriptor, two.descriptor]);
      await attach(three);
      assert.deepEqual(digests(), digestsOf(one, two, three));
      stored.putList(TAG, [one.descriptor, entry, two.descriptor]);
      await target.remove(two.descriptor);
      assert.deepEqual(digests(), digestsOf(one));
      assert.equal(stored.manifests.has(two.descriptor.digest), false);
    });
  }

  it('keeps an entry without a usable size or media type, as its manifest has it', async () => {
    stored.putAll(one, two);
    stored.putList(TAG, [
      { ...one.descriptor, size: -5 },
      { digest: two.descriptor.digest, size: 1 },
    ]);
    await attach(three);
    assert.deepEqual(stored.listed(TAG).slice(0, 2), [whole(one, 'one'), whole(two, 'two')]);
  });

  it('is written without what is gone where the registry refuses it for that', async () => {
    stored.putAll(one);
    stored.putList(TAG, [one.descriptor, two.descriptor]);
    stored.rule = refusesWhatIsGone(stored);
    await attach(three);
    assert.deepEqual(digests(), digestsOf(one, three));
  });

  it('is removed when another took its place, so that nothing is named by what nobody sees', async () => {
    stored.rule = keepsWhatIsNamed(stored);
    for (const each of [one, two, three]) await attach(each);
    assert.equal(lists().length, 1);
    for (const each of [one, two, three]) await open().remove(each.descriptor);
    assert.equal(lists().length, 0);
    assert.deepEqual([...stored.manifests.keys()], []);
  });

  it('is removed when another took its place at the end of a long work', async () => {
    await target.settling(async () => {
      for (const each of [one, two, three]) {
        await attach(each);
        await target.listPushed();
      }
      assert.equal(lists().length, 3);
    });
    assert.equal(lists().length, 1);
    assert.deepEqual(digests(), digestsOf(one, two, three));
  });

  for (const status of [401, 403, 404, 405, 500]) {
    it(`stands where the registry answers ${status} to its removal, and attaching goes on`, async () => {
      stored.rule = ({ line }) => (line.startsWith('DELETE') ? { status } : undefined);
      for (const each of [one, two, three]) await attach(each);
      assert.deepEqual(digests(), digestsOf(one, two, three));
      const tries = new Set(server.lines().filter((line) => line.startsWith('DELETE')));
      assert.equal(tries.size, status === 404 ? 2 : 1);
    });
  }

  it('comes back with what stood on it where a cache says that it is stored', async () => {
    stored.putAll(one);
    stored.putList(TAG, [whole(one, 'one')]);
    let isRemembered = true;
    stored.rule = ({ line }) => {
      if (line.startsWith('POST')) return { status: 202, headers: { Location: '/up/1' } };
      if (line.startsWith('PUT /up/1')) {
        isRemembered = false;
        return { status: 201 };
      }
      if (line !== `PUT ${LIST}` || !isRemembered) return undefined;
      // The tag leads to a manifest that the registry takes for stored, and lacks.
      stored.tags.delete(TAG);
      return { status: 201 };
    };
    await attach(two);
    assert.deepEqual(digests(), digestsOf(one, two));
  });

  it('is put back when the tag had gone back to what was removed', async () => {
    stored.putAll(one);
    await attach(one);
    const [first] = [stored.tags.get(TAG) as Digest];
    stored.rule = ({ line }) => {
      // Another window takes the second one off again, so that the list is the first again.
      if (line.startsWith('DELETE') && line.endsWith(first)) stored.tags.set(TAG, first);
      return undefined;
    };
    await attach(two);
    assert.deepEqual(digests(), digestsOf(one, two));
  });

  describe('that a rule keeps as it is', () => {
    for (const [registry, answer] of Object.entries(refusals)) {
      it(`is named in the error, with the next step (${registry})`, async () => {
        stored.rule = keepsTags(stored, answer);
        await attach(one);
        const error = await attach(two).then(() => undefined, notListedIn);
        assert.ok(error?.cause instanceof RegistryError);
        assert.match(error.message, /^Attached, but not listed: /);
        assert.ok(error.message.includes(`team/app:${TAG}, and a rule of the registry keeps that tag`));
        assert.match(error.message, /Exclude tags that begin with "sha256-" from the rule/);
        assert.ok(stored.manifests.has(two.descriptor.digest));
        assert.deepEqual(digests(), digestsOf(one));
      });
    }

    it('leaves the cause of another failure in the error', async () => {
      stored.rule = ({ line }) => (line === `PUT ${LIST}` ? { status: 507 } : undefined);
      const error = await attach(one).then(() => undefined, notListedIn);
      assert.match(
        error?.message ?? '',
        /Attached, but not listed.*it was not written\. PUT .* answered 507/,
      );
    });

    it('says the same at the end of a long work', async () => {
      stored.rule = keepsTags(stored, refusals['Harbor']);
      await attach(one);
      await assert.rejects(
        target.settling(() => attach(two)),
        NotListedError,
      );
    });
  });

  it('is found by its own client when all of that is done', async () => {
    stored.putAll(one);
    stored.putList(TAG, [null, one.descriptor]);
    await attach(two);
    const found: readonly Descriptor[] = await collect(target.referrers(subject.descriptor));
    assert.deepEqual(found, [whole(one, 'one'), whole(two, 'two')]);
  });
});

function refusal(status: number, code: string, message: string): ScriptedAnswer {
  const body = JSON.stringify({ errors: [{ code, message }] });
  return { status, headers: { 'Content-Type': 'application/json' }, body };
}

function notListedIn(error: unknown): NotListedError {
  assert.ok(error instanceof NotListedError, String(error));
  return error;
}

/** A tag that is there stays as it is. */
function keepsTags(stored: ScriptedRepository, answer: ScriptedAnswer = {}) {
  return ({ line, body }: SeenRequest) => {
    const [, reference = ''] = line.split('/manifests/');
    const known = line.startsWith('PUT') && !isDigest(reference) ? stored.tags.get(reference) : undefined;
    return known && known !== digestOf(body) ? answer : undefined;
  };
}

/** An index has to name what is there, as distribution has it. */
function refusesWhatIsGone(stored: ScriptedRepository) {
  return ({ line, body }: SeenRequest) => {
    if (line !== `PUT ${LIST}`) return undefined;
    const { manifests } = JSON.parse(body.toString()) as { manifests: readonly { digest: Digest }[] };
    const isWhole = manifests.every(({ digest }) => stored.manifests.has(digest));
    return isWhole ? undefined : refusal(404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry');
  };
}

/** What an index names is not deleted, as Amazon ECR and Google have it. */
function keepsWhatIsNamed(stored: ScriptedRepository) {
  return ({ line }: SeenRequest) => {
    const [, digest = ''] = line.split('/manifests/');
    const isNamed = [...stored.manifests.values()].some(
      ({ type, bytes }) => type === mediaTypes.ociIndex && bytes.includes(digest),
    );
    return line.startsWith('DELETE') && isNamed
      ? refusal(403, 'DENIED', 'referenced by an index')
      : undefined;
  };
}
