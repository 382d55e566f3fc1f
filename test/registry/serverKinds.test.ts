import assert from 'node:assert/strict';
import { NotFoundError, UnsupportedError } from '../../src/oci/errors';
import { Registry } from '../../src/targets/registry/registry';
import type { Repository } from '../../src/targets/registry/repository';
import { collect, pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { objectStoreKind, serverKinds, useServer } from '../support/serverKinds';
import { describeTargetContract } from '../support/targetContract';
import { testTransport, type TestTransport } from '../support/testTransport';

const kinds = [...serverKinds, objectStoreKind];

type ServerName = (typeof kinds)[number]['name'];

/** In what the servers differ, as seen from here. */
interface Differences {
  /** Whether a tag can be removed and its manifest stays. */
  readonly untags: boolean;
  /** Whether a manifest that is deleted takes its tags along. */
  readonly deletesTags: boolean;
  /** How a list comes that is longer than was asked for: in pages, at once, or cut without a word. */
  readonly longTagList: 'pages' | 'whole' | 'cut';
  readonly longCatalog: 'pages' | 'cut';
  /** Whether the server itself keeps the list of referrers, and with their artifact types. */
  readonly referrers: 'kept' | 'kept, with wrong types' | 'kept by this client';
  readonly mounts: boolean;
}

const differences: Readonly<Record<ServerName, Differences>> = {
  'docker-registry 2.8': {
    untags: false,
    deletesTags: true,
    longTagList: 'whole',
    longCatalog: 'pages',
    referrers: 'kept by this client',
    mounts: true,
  },
  'distribution 3': {
    untags: true,
    deletesTags: true,
    longTagList: 'pages',
    longCatalog: 'pages',
    referrers: 'kept by this client',
    mounts: true,
  },
  'distribution 3 on an object store': {
    untags: true,
    deletesTags: true,
    longTagList: 'pages',
    longCatalog: 'pages',
    referrers: 'kept by this client',
    mounts: true,
  },
  'go-containerregistry': {
    untags: true,
    deletesTags: false,
    longTagList: 'cut',
    longCatalog: 'cut',
    referrers: 'kept, with wrong types',
    mounts: false,
  },
  'the embedded registry': {
    untags: true,
    deletesTags: true,
    longTagList: 'pages',
    longCatalog: 'pages',
    referrers: 'kept',
    mounts: true,
  },
};

for (const kind of kinds) {
  describe(`Registry client against ${kind.name}`, function () {
    this.timeout(30_000);
    const server = useServer(kind);
    const differs: Differences = differences[kind.name];
    const { untags } = differs;
    let transport: TestTransport;
    let target: Repository;
    let count = 0;

    const open = () => new Registry(server.host(), transport).repository(`here/case-${++count}`);
    beforeEach(() => {
      transport = testTransport();
      target = open();
    });

    describeTargetContract(kind.name, async () => ({
      target,
      ...(differs.deletesTags && { remover: target }),
    }));

    it(
      untags ? 'removes a tag and leaves its manifest' : 'says that a tag alone cannot be removed',
      async () => {
        const manifest = await pushArtifact(target, [textBlob('tagged twice')]);
        await target.tag(manifest, 'one');
        await target.tag(manifest, 'two');
        if (untags) {
          await target.untag('one');
          await assert.rejects(target.resolve('one'), NotFoundError);
        } else {
          await assert.rejects(target.untag('one'), UnsupportedError);
        }
        assert.equal((await target.resolve('two')).digest, manifest.descriptor.digest);
        assert.equal((await target.resolve(manifest.descriptor.digest)).digest, manifest.descriptor.digest);
      },
    );

    it('says that a tag to be removed is not there', async () => {
      await pushArtifact(target, [textBlob('something')]);
      await assert.rejects(target.untag('absent'), untags ? NotFoundError : UnsupportedError);
    });

    it(`gets a long list of tags: ${differs.longTagList}`, async () => {
      const manifest = await pushArtifact(target, [textBlob('many names')]);
      for (const tag of ['c', 'a', 'e', 'b', 'd']) await target.tag(manifest, tag);
      const found = (await collect(target.tags({ pageSize: 2 }))).sort();
      assert.deepEqual(found, differs.longTagList === 'cut' ? ['a', 'b'] : ['a', 'b', 'c', 'd', 'e']);
      const requests = transport.log.filter(({ url }) => url.includes('/tags/list'));
      assert.equal(requests.length, differs.longTagList === 'pages' ? 3 : 1);
    });

    it(`gets a long list of repositories: ${differs.longCatalog}`, async () => {
      const names = [target, open(), open()].map(({ name }) => name);
      const registry = new Registry(server.host(), transport);
      for (const name of names) await pushArtifact(registry.repository(name), [textBlob(name)]);
      const found = await collect(registry.repositories({ pageSize: 2 }));
      if (differs.longCatalog === 'cut') assert.equal(found.length, 2);
      else assert.deepEqual(found.filter((name) => names.includes(name)).sort(), names.sort());
    });

    it(`asks the server for referrers: ${differs.referrers}`, async () => {
      const subject = await pushArtifact(target, [textBlob('subject')]);
      const artifactType = 'application/vnd.example.signature';
      const signature = await pushArtifact(target, [textBlob('signature')], {
        artifactType,
        subject: subject.descriptor,
      });
      const digests = async (filter: { artifactType?: string }) =>
        (await collect(target.referrers(subject.descriptor, filter))).map(({ digest }) => digest);
      const own = [signature.descriptor.digest];
      assert.deepEqual(await digests({}), own);
      assert.deepEqual(await digests({ artifactType }), own);
    });

    it(
      differs.mounts ? 'mounts a blob from another repository' : 'says that no blob was mounted',
      async () => {
        const blob = textBlob(`mounted at ${kind.name}`);
        const from = open();
        await from.push(blob.descriptor, sourceOf(blob.bytes));
        assert.equal(await target.mount(blob.descriptor, from.name), differs.mounts);
        if (differs.mounts) assert.equal(await target.exists(blob.descriptor), true);
      },
    );
  });
}
