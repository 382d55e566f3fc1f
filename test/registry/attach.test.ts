import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { annotationKeys } from '../../src/oci/annotations';
import { NotFoundError } from '../../src/oci/errors';
import { digestOf } from '../../src/oci/digest';
import { encodeImageIndex, parseManifest } from '../../src/oci/manifest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { attach } from '../../src/operations/attach';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import type { Repository } from '../../src/targets/registry/repository';
import { Registry } from '../../src/targets/registry/registry';
import { referrersTag } from '../../src/targets/registry/repositoryAddress';
import { collect, pushArtifact, textBlob } from '../support/artifacts';
import { buildProgram } from '../support/buildProgram';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testTransport, type TestTransport } from '../support/testTransport';

const run = promisify(execFile);
const TYPE = 'application/vnd.example.note';
const CREATED = '2024-05-06T07:08:09Z';

describe('Attaching on a registry without the referrers API', function () {
  this.timeout(120_000);
  let registry: DockerRegistry;
  let transport: TestTransport;
  let target: Repository;
  let scratch: string;

  before(function () {
    peerOrSkip(this, 'docker-registry');
  });

  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'attach-test-'));
    registry = await startDockerRegistry({ deleteEnabled: true });
    transport = testTransport();
    target = new Registry(registry.host, transport).repository('some/where');
    const manifest = await pushArtifact(target, [textBlob('subject')]);
    await target.tag(manifest, 'subject');
  });

  afterEach(async () => {
    await registry.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  const attachNote = (text: string) => {
    const annotations = { 'com.example.by': text, [annotationKeys.created]: CREATED };
    return attach(new LocalFiles(), target, 'subject', { artifactType: TYPE, files: [], annotations });
  };

  const notes = async () => {
    const subject = await target.resolve('subject');
    const found = await collect(target.referrers(subject));
    return found.map(({ annotations }) => annotations?.['com.example.by']).sort();
  };

  it('loses nothing of eight processes that attach to one subject at once', async () => {
    const program = await buildProgram(
      'test/registry/attachMany.program.ts',
      path.join(scratch, 'attachMany.cjs'),
    );
    const names = Array.from({ length: 8 }, (_, index) => `writer${index}`);
    const attachTwice = (name: string) =>
      run(process.execPath, [program, registry.host, 'some/where', 'subject', name, '2']);
    await Promise.all(names.map(attachTwice));
    assert.deepEqual(await notes(), names.flatMap((name) => [`${name}-0`, `${name}-1`]).sort());
  });

  it('loses nothing of attachments side by side in one process', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `note${index}`);
    await Promise.all(names.map(attachNote));
    assert.deepEqual(await notes(), names);
  });

  it('lists an attachment once, however often it is pushed', async () => {
    await attachNote('same');
    await attachNote('same');
    assert.deepEqual(await notes(), ['same']);
  });

  it('takes a removed attachment off the list, and the list away with the last', async () => {
    const first = await attachNote('first');
    const second = await attachNote('second');
    await target.remove(first.descriptor);
    assert.deepEqual(await notes(), ['second']);
    await target.remove(second.descriptor);
    assert.deepEqual(await notes(), []);
    await assert.rejects(target.resolve(referrersTag(first.subject.digest)), NotFoundError);
  });

  it('completes a list that cosign writes, and leaves out what is gone from it', async () => {
    const subject = await target.resolve('subject');
    const tag = referrersTag(subject.digest);
    const gone = await attachNote('gone');
    const bare = [gone, await attachNote('bare')].map(({ descriptor }) => ({
      ...descriptor,
      artifactType: mediaTypes.ociConfig,
      annotations: {},
    }));
    const bytes = encodeImageIndex({ manifests: bare });
    const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
    await target.tag({ descriptor, bytes }, tag);
    const found = await collect(target.referrers(subject, { artifactType: TYPE }));
    assert.deepEqual(found.map(({ annotations }) => annotations?.['com.example.by']).sort(), [
      'bare',
      'gone',
    ]);
    const path = `http://${registry.host}/v2/some/where/manifests/${gone.descriptor.digest}`;
    assert.equal((await fetch(path, { method: 'DELETE' })).status, 202);
    await attachNote('next');
    const list = parseManifest((await target.readManifest(tag)).bytes).manifests;
    assert.deepEqual(
      list.map(({ artifactType, annotations }) => [artifactType, annotations?.['com.example.by']]),
      [
        [TYPE, 'bare'],
        [TYPE, 'next'],
      ],
    );
  });

  it('removes a list when another takes its place', async () => {
    const { digest } = await target.resolve('subject');
    await attachNote('first');
    const first = await target.resolve(referrersTag(digest));
    await attachNote('second');
    assert.deepEqual(await notes(), ['first', 'second']);
    await assert.rejects(target.resolve(first.digest), NotFoundError);
  });

  it('writes the list that oras writes, and goes on with the one that oras left', async function () {
    const oras = peerOrSkip(this, 'oras');
    await writeFile(path.join(scratch, 'a.txt'), 'first\n');
    const theirs = async (by: string) => {
      const pin = ['-a', `${annotationKeys.created}=${CREATED}`, '-a', `com.example.by=${by}`];
      const place = `${registry.host}/some/where:subject`;
      const options = ['--plain-http', '--distribution-spec', 'v1.1-referrers-tag', '--artifact-type', TYPE];
      await run(oras, ['attach', ...options, ...pin, place], { cwd: scratch });
    };
    const { digest } = await target.resolve('subject');
    const listText = async () =>
      Buffer.from((await target.readManifest(referrersTag(digest))).bytes).toString();
    await theirs('one');
    await attachNote('two');
    await theirs('three');
    const mixed = await listText();
    assert.deepEqual(await notes(), ['one', 'three', 'two']);
    for (const { digest: each, mediaType, size } of parseManifest(Buffer.from(mixed)).manifests)
      await target.remove({ digest: each, mediaType, size });
    for (const by of ['one', 'two', 'three']) await theirs(by);
    assert.equal(mixed, await listText());
  });
});
