import assert from 'node:assert/strict';
import { digestOf } from '../../../../src/oci/digest';
import { SignInRequiredError } from '../../../../src/oci/errors';
import { mediaTypes } from '../../../../src/oci/mediaTypes';
import { Registry } from '../../../../src/targets/registry/registry';
import type { Repository } from '../../../../src/targets/registry/repository';
import { referrersTag } from '../../../../src/targets/registry/repositoryAddress';
import { collect, manifestOf, textBlob } from '../../../support/artifacts';
import { ScriptedRepository } from '../../../support/scriptedRepository';
import { startScriptedServer, type ScriptedServer } from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';
import { testTransport } from '../../../support/testTransport';

const TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const annotations = { 'dev.sigstore.bundle.content': 'dsse-envelope' };
const subject = manifestOf([textBlob('subject')]);
const TAG = referrersTag(subject.descriptor.digest);
const signature = (text: string, about = subject.descriptor) =>
  manifestOf([textBlob(text)], { subject: about, artifactType: TYPE, annotations });
const [one, two, three] = [signature('one'), signature('two'), signature('three')];
const whole = (manifest: typeof one) => ({ ...manifest.descriptor, artifactType: TYPE, annotations });

describe('A list of referrers', () => {
  let server: ScriptedServer;
  let stored: ScriptedRepository;
  let target: Repository;
  const clock = new TestClock();

  beforeEach(async () => {
    stored = new ScriptedRepository();
    stored.putAll(one, two, three);
    server = await startScriptedServer(stored.answer);
    target = new Registry(server.host, testTransport({ clock }), { clock }).repository('team/app');
  });
  afterEach(() => server.stop());

  const found = (artifactType?: string) =>
    collect(target.referrers(subject.descriptor, artifactType === undefined ? {} : { artifactType }));
  const useApi = (manifests: unknown, headers: Record<string, string> = {}) => {
    const body = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
    const answer = { headers: { 'Content-Type': mediaTypes.ociIndex, ...headers }, body };
    stored.rule = ({ line }) => (line.includes('/referrers/') ? answer : undefined);
  };
  const reads = () => server.lines().filter((line) => line.includes('/manifests/sha256:'));

  for (const [what, artifactType] of [
    ['no type', undefined],
    ['an empty type', ''],
    ['the type of its empty config', mediaTypes.ociEmpty],
    ['the type of an image config', mediaTypes.ociConfig],
  ] as const) {
    const bare = { ...one.descriptor, ...(artifactType !== undefined && { artifactType }) };

    it(`that clients keep is completed where an entry has ${what}`, async () => {
      stored.putList(TAG, [bare]);
      assert.deepEqual(await found(), [whole(one)]);
      assert.deepEqual(await found(TYPE), [whole(one)]);
      assert.deepEqual(await found('application/vnd.other'), []);
    });

    it(`that the registry keeps is completed where an entry has ${what}`, async () => {
      useApi([bare]);
      assert.deepEqual(await found(TYPE), [whole(one)]);
      assert.deepEqual(await found('application/vnd.other'), []);
    });
  }

  it('says what the manifest says, where an entry says something else', async () => {
    stored.putList(TAG, [{ ...one.descriptor, artifactType: 'application/vnd.other', size: 1 }]);
    assert.deepEqual(await found(TYPE), [whole(one)]);
  });

  it('of the registry is believed where it says enough: nothing else is read', async () => {
    useApi([{ ...one.descriptor, artifactType: TYPE }]);
    assert.equal((await found()).length, 1);
    assert.equal(server.seen.length, 1);
  });

  const unusable: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a text', 'sha256:12'],
    ['a list', []],
    ['an entry without a digest', { mediaType: mediaTypes.ociManifest, size: 3 }],
    ['an entry with a bad digest', { ...one.descriptor, digest: 'sha256:12' }],
    ['an entry with a digest of no known kind', { ...one.descriptor, digest: `md5:${'0'.repeat(32)}` }],
    ['the subject itself', { ...subject.descriptor, artifactType: TYPE }],
    ['what is not there and has no media type', { digest: digestOf('gone'), size: 4 }],
  ];
  for (const [what, entry] of unusable) {
    for (const way of ['the registry', 'clients']) {
      it(`that ${way === 'clients' ? 'clients keep' : 'the registry keeps'} leaves out ${what}, and gives the others`, async () => {
        const entries = [whole(one), entry, whole(two)];
        if (way === 'clients') stored.putList(TAG, entries);
        else useApi(entries);
        assert.deepEqual(await found(), [whole(one), whole(two)]);
      });
    }
  }

  for (const way of ['the registry', 'clients']) {
    it(`of ${way} says how many entries it leaves out to who wants to know`, async () => {
      const entries = [null, whole(one), { digest: 'x' }];
      if (way === 'clients') stored.putList(TAG, entries);
      else useApi(entries);
      const missing: string[] = [];
      const onMissing = (error: unknown) => missing.push(String(error));
      await collect(target.referrers(subject.descriptor, { onMissing }));
      assert.equal(missing.length, 1);
      assert.match(
        missing[0] ?? '',
        /The referrers list.* cannot be used: 2 of its entries name no manifest/,
      );
    });
  }

  const mended: readonly (readonly [string, object])[] = [
    ['no media type', { mediaType: undefined }],
    ['a negative size', { size: -1, artifactType: TYPE }],
    ['a size that is a text', { size: '12' }],
    ['no size', { size: undefined }],
    ['annotations that are none', { annotations: ['x'] }],
  ];
  for (const [what, part] of mended) {
    for (const way of ['the registry', 'clients']) {
      it(`of ${way} gives an entry with ${what} as its manifest has it`, async () => {
        const entry = { ...one.descriptor, ...part };
        if (way === 'clients') stored.putList(TAG, [entry]);
        else useApi([entry]);
        assert.deepEqual(await found(), [whole(one)]);
      });
    }
  }

  it('names each once, also across pages', async () => {
    stored.putList(TAG, [whole(one), whole(one), one.descriptor]);
    assert.deepEqual(await found(), [whole(one)]);
    const more = { Link: `</v2/team/app/referrers/${subject.descriptor.digest}?page=2>; rel="next"` };
    const page = (headers: object) => ({
      headers: { 'Content-Type': mediaTypes.ociIndex, ...headers },
      body: JSON.stringify({ manifests: [whole(one)] }),
    });
    stored.rule = ({ line }) =>
      line.includes('/referrers/') ? page(line.includes('page=2') ? {} : more) : undefined;
    target = new Registry(server.host, testTransport()).repository('team/app');
    assert.deepEqual(await found(), [whole(one)]);
  });

  it('that clients keep leaves out what is gone, and what refers to something else', async () => {
    const elsewhere = signature('elsewhere', manifestOf([textBlob('another')]).descriptor);
    stored.putAll(elsewhere);
    stored.putList(TAG, [signature('never pushed').descriptor, elsewhere.descriptor, two.descriptor]);
    assert.deepEqual(await found(), [whole(two)]);
  });

  it('gives an entry as it stands whose manifest cannot be read', async () => {
    stored.putList(TAG, [{ ...one.descriptor, artifactType: TYPE }, two.descriptor]);
    for (const answer of [{ status: 500 }, { body: 'other bytes' }, { status: 412 }]) {
      stored.rule = ({ line }) => (line.endsWith(one.descriptor.digest) ? answer : undefined);
      const target = new Registry(server.host, testTransport({ clock }), { clock }).repository('team/app');
      const entries = await collect(target.referrers(subject.descriptor, { artifactType: TYPE }));
      assert.deepEqual(entries, [{ ...one.descriptor, artifactType: TYPE }, whole(two)]);
    }
  });

  it('asks for a sign-in that its manifests need', async () => {
    stored.putList(TAG, [one.descriptor]);
    stored.rule = ({ line }) => (line.endsWith(one.descriptor.digest) ? { status: 403 } : undefined);
    await assert.rejects(found(), SignInRequiredError);
  });

  it('reads each manifest once, some at the same time and in its order', async () => {
    const many = Array.from({ length: 12 }, (_, index) => signature(`note ${index}`));
    stored.putAll(...many);
    stored.putList(
      TAG,
      many.map(({ descriptor }) => descriptor),
    );
    assert.deepEqual(await found(), many.map(whole));
    assert.deepEqual(await found(TYPE), many.map(whole));
    assert.equal(reads().length, 12);
    clock.advance(60_000);
    await found();
    assert.equal(reads().length, 24);
  });

  it('reads no further than somebody looks', async () => {
    const many = Array.from({ length: 12 }, (_, index) => signature(`note ${index}`));
    stored.putAll(...many);
    stored.putList(
      TAG,
      many.map(({ descriptor }) => descriptor),
    );
    for await (const first of target.referrers(subject.descriptor)) {
      assert.deepEqual(first, whole(many[0] as typeof one));
      break;
    }
    assert.ok(reads().length <= 6);
  });
});
