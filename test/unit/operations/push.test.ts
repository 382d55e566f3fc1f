import assert from 'node:assert/strict';
import { appendFile, chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { annotationKeys } from '../../../src/oci/annotations';
import type { Descriptor } from '../../../src/oci/descriptor';
import {
  CopyError,
  FileError,
  InvalidContentError,
  InvalidReferenceError,
  SignInRequiredError,
  UnsafePathError,
} from '../../../src/oci/errors';
import { parseManifest } from '../../../src/oci/manifest';
import { isManifestType } from '../../../src/oci/mediaTypes';
import type { ContentSource, ManifestContent, TransferOptions } from '../../../src/oci/target';
import type { Progress } from '../../../src/oci/progress';
import { bytesContent } from '../../../src/operations/bytesContent';
import { planPull } from '../../../src/operations/planPull';
import { pull } from '../../../src/operations/pull';
import { push, type PushOptions } from '../../../src/operations/push';
import { FolderSink } from '../../../src/targets/folder/folderSink';
import { LocalFiles } from '../../../src/targets/folder/localFiles';
import { MemoryTarget } from '../../../src/targets/memory';

const CREATED = '2024-05-06T07:08:09Z';

/** A destination that writes down what is asked of it, and fails where told. */
class WatchedTarget extends MemoryTarget {
  readonly log: string[] = [];
  looks = 0;
  failPush: (descriptor: Descriptor) => Error | undefined = () => undefined;
  beforePush: (descriptor: Descriptor) => Promise<void> = async () => undefined;

  override async push(
    descriptor: Descriptor,
    content: ContentSource,
    options?: TransferOptions,
  ): Promise<void> {
    await this.beforePush(descriptor);
    const failure = this.failPush(descriptor);
    if (failure) throw failure;
    await super.push(descriptor, content, options);
    this.log.push(isManifestType(descriptor.mediaType) ? 'manifest' : 'blob');
  }

  override exists(descriptor: Descriptor): Promise<boolean> {
    this.looks++;
    return super.exists(descriptor);
  }

  override async tag(manifest: ManifestContent, tag: string): Promise<void> {
    await super.tag(manifest, tag);
    this.log.push(`tag ${tag}`);
  }
}

describe('push', () => {
  let folder: string;
  let source: LocalFiles;
  let destination: WatchedTarget;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'push-test-'));
    source = new LocalFiles({ temporaryFolder: folder });
    destination = new WatchedTarget();
    await mkdir(path.join(folder, 'tree'));
    for (const [name, text] of Object.entries({ a: 'first', b: 'second', same: 'first', 'tree/x': 'deep' }))
      await writeFile(path.join(folder, name), text);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const file = (name: string, title = name) => ({ path: path.join(folder, name), title });
  const run = (titles: readonly string[], options: Partial<PushOptions> = {}) =>
    push(source, destination, {
      files: titles.map((title) => file(title)),
      tags: ['v1'],
      created: CREATED,
      ...options,
    });

  const manyFiles = async (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `many-${index}`);
    for (const name of names) await writeFile(path.join(folder, name), name);
    return names;
  };

  it('soon looks for few of many small files that a registry has none of', async () => {
    await run(await manyFiles(100), { concurrency: 1 });
    assert.equal(destination.log.filter((each) => each === 'blob').length, 101);
    assert.ok(destination.looks < 30, `${destination.looks} looks`);
  });

  it('looks for one content before it looks for the others, which share its refusal', async () => {
    const refusal = new SignInRequiredError('r', true, {
      method: 'GET',
      url: 'http://r/v2/',
      status: 401,
      details: [],
      body: '',
    });
    destination.exists = async () => {
      destination.looks++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw refusal;
    };
    await assert.rejects(run(await manyFiles(20)), refusal);
    assert.equal(destination.looks, 1);
  });

  it('looks for each of many files where the registry has some', async () => {
    const names = await manyFiles(50);
    await run(names.slice(0, 40), { tags: [] });
    destination.looks = 0;
    const { skippedBytes } = await run(names, { concurrency: 1 });
    assert.ok(skippedBytes > 0);
    assert.equal(destination.looks, 51);
  });

  it('sends blobs, then the manifest with its first tag, then the other tags', async () => {
    const result = await run(['a', 'b', 'tree'], { tags: ['v1', 'latest'] });
    assert.deepEqual(destination.log, ['blob', 'blob', 'blob', 'blob', 'tag v1', 'tag latest']);
    assert.deepEqual((await destination.resolve('latest')).digest, result.descriptor.digest);
    assert.equal(result.skippedBytes, 0);
    const { layers } = parseManifest((await destination.readManifest('v1')).bytes);
    assert.deepEqual(
      layers.map(({ annotations }) => annotations?.[annotationKeys.title]),
      ['a', 'b', 'tree'],
    );
  });

  it('sends a manifest without a tag, or with a subject, for itself', async () => {
    const { descriptor: subject } = await run([], { tags: [] });
    assert.deepEqual(destination.log, ['blob', 'manifest']);
    await run([], { tags: ['v1'], subject });
    assert.deepEqual(destination.log.slice(2), ['manifest', 'tag v1']);
  });

  it('sends the same content once, and nothing that is there', async () => {
    const first = await run(['a', 'same']);
    assert.deepEqual(destination.log, ['blob', 'blob', 'tag v1']);
    const again = await run(['a', 'same'], { tags: [] });
    assert.deepEqual(destination.log.slice(3), []);
    assert.equal(again.pushedBytes, 0);
    assert.equal(again.skippedBytes, first.pushedBytes);
    const more = await run(['a', 'b']);
    assert.equal(more.pushedBytes, 6 + more.descriptor.size);
    assert.equal(more.skippedBytes, 5 + 2);
  });

  it('writes the same manifest for the same files when the time is pinned', async () => {
    assert.equal((await run(['a', 'tree'])).descriptor.digest, (await run(['a', 'tree'])).descriptor.digest);
  });

  it('writes the time of now in whole seconds unless it is given', async () => {
    const { manifest } = await push(source, destination, { files: [], tags: [] });
    assert.match(
      parseManifest(manifest.bytes).annotations[annotationKeys.created] ?? '',
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    );
  });

  it('keeps a time from the annotations as it is written', async () => {
    const created = '2024-02-29T23:59:59.123456789+05:30';
    const { manifest } = await run([], { annotations: { [annotationKeys.created]: created } });
    assert.equal(parseManifest(manifest.bytes).annotations[annotationKeys.created], created);
  });

  const badTimes = [
    '2024-01-01',
    '2024-01-01t00:00:00z',
    '2024-01-01T24:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-01-01T00:00:00',
    'now',
  ];
  for (const created of badTimes) {
    it(`refuses the creation time ${created} before anything is read`, async () => {
      await assert.rejects(run(['missing'], { created }), InvalidContentError);
    });
  }

  it('refuses bad titles, tags and types before anything is read', async () => {
    const files = (...titles: string[]) => ({ files: titles.map((title) => file('missing', title)) });
    await assert.rejects(run([], files('a', './a')), /title "a" cannot be used: two files have it/);
    await assert.rejects(run([], files('../a')), UnsafePathError);
    await assert.rejects(run([], files('/a')), UnsafePathError);
    await assert.rejects(run([], files('')), UnsafePathError);
    await assert.rejects(run(['missing'], { tags: ['no good'] }), InvalidReferenceError);
    await assert.rejects(run(['missing'], { artifactType: 'no slash' }), InvalidContentError);
  });

  it('pushes no manifest when a file changes between reading and sending', async () => {
    await writeFile(path.join(folder, 'b'), 'second'.padEnd(1_000_000));
    destination.beforePush = () => appendFile(path.join(folder, 'b'), 'more');
    await assert.rejects(run(['a', 'b']), (error) => {
      assert.ok(error instanceof FileError);
      assert.equal(error.systemCode, 'CHANGED');
      return true;
    });
    assert.ok(
      destination.log.every((each) => each === 'blob'),
      destination.log.join(),
    );
  });

  it('sends nothing when a file cannot be read', async () => {
    await assert.rejects(run(['a', 'missing']), FileError);
    assert.deepEqual(destination.log, []);
  });

  it('stops with the abort reason, before the manifest', async () => {
    const controller = new AbortController();
    const reason = new DOMException('stop', 'AbortError');
    destination.beforePush = async () => controller.abort(reason);
    await assert.rejects(run(['a', 'b'], { signal: controller.signal }), (error) => error === reason);
    assert.ok(
      destination.log.every((each) => each === 'blob'),
      destination.log.join(),
    );
  });

  it('adds the place to an error without one, and leaves the others as they are', async () => {
    destination.failPush = () => new Error('odd');
    await assert.rejects(run(['a'], { concurrency: 1 }), (error) => {
      assert.ok(error instanceof CopyError);
      assert.match(error.message, /Sending the config .* failed at the destination: odd/);
      return true;
    });
    const failure = { method: 'POST', url: 'https://x/v2/', status: 401, details: [], body: '' };
    const signIn = new SignInRequiredError('x', false, failure);
    destination.failPush = () => signIn;
    await assert.rejects(run(['a']), (error) => error === signIn);
  });

  it('tells progress that only grows and ends at the whole', async () => {
    const seen: Progress[] = [];
    await run(['a', 'b', 'tree'], { onProgress: (progress) => seen.push(progress) });
    const done = seen.map(({ doneBytes }) => doneBytes);
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
    );
    assert.ok(seen.every(({ doneBytes, totalBytes }) => totalBytes > 0 && doneBytes <= totalBytes));
    assert.equal(seen.at(-1)?.doneBytes, seen.at(-1)?.totalBytes);
    assert.match(seen[0]?.current ?? '', /^Reading /);
    assert.equal(seen.at(-1)?.current, 'Sending the manifest');
  });

  it('counts what was sent: reading is a phase of its own, and a push that sent nothing has moved nothing', async () => {
    const seen: Progress[] = [];
    const failing = Object.assign(destination, { failPush: () => new Error('odd') });
    await assert.rejects(run(['a', 'b'], { onProgress: (progress) => seen.push(progress) }));
    assert.ok(failing);
    const reading = seen.filter((progress) => progress.reading);
    assert.ok(reading.length > 0);
    assert.ok(reading.every(({ doneBytes }) => doneBytes === 0));
    const last = reading.at(-1);
    assert.equal(last?.reading?.doneBytes, last?.reading?.totalBytes);
    assert.equal(last?.totalBytes, last?.reading?.totalBytes);
  });

  it('moves no more bytes than the artifact has', async () => {
    const seen: Progress[] = [];
    const result = await run(['a', 'b'], { onProgress: (progress) => seen.push(progress) });
    const manifest = parseManifest(result.manifest.bytes);
    const blobs = [...manifest.layers, ...(manifest.config ? [manifest.config] : []), result.descriptor];
    assert.equal(
      seen.at(-1)?.totalBytes,
      blobs.reduce((sum, { size }) => sum + size, 0),
    );
  });

  it('mounts blobs from the repositories it is told of, best first, and sends what is refused', async () => {
    const asked: string[] = [];
    const mounting = Object.assign(destination, {
      mount: async ({ digest, size }: Descriptor, from: string) => {
        asked.push(`${from} ${size}`);
        if (from !== 'team/has' || size !== 5) return false;
        const bytes = Buffer.from('first');
        await MemoryTarget.prototype.push.call(
          destination,
          { mediaType: 'a/b', digest, size },
          bytesContent(bytes),
        );
        return true;
      },
    });
    const options = { files: [file('a'), file('b')], tags: [], created: CREATED, concurrency: 1 };
    const mountFrom = ['team/lacks', 'team/has', 'team/x', 'team/never-asked'];
    const result = await push(source, mounting, { ...options, mountFrom });
    assert.equal(result.mountedBytes, 5);
    assert.equal(result.pushedBytes, 2 + 6 + result.descriptor.size);
    const ofFirst = asked.filter((each) => each.endsWith(' 5'));
    assert.deepEqual(ofFirst, ['team/lacks 5', 'team/has 5']);
    assert.ok(!asked.some((each) => each.startsWith('team/never-asked')));
  });

  it('sends a blob that is gone below a manifest that is there', async () => {
    const { manifest } = await run(['a']);
    const layer = parseManifest(manifest.bytes).layers[0];
    assert.ok(layer);
    await destination.remove(layer);
    const { pushedBytes } = await run(['a']);
    assert.equal(await destination.exists(layer), true);
    assert.equal(pushedBytes, layer.size + manifest.descriptor.size);
  });

  it('tells how far each file is', async () => {
    const items: unknown[] = [];
    await run(['a'], { onProgress: ({ current, item }) => items.push([current, item]) });
    assert.deepEqual(items[0], ['Reading a', { name: 'a', doneBytes: 5, totalBytes: 5 }]);
    const sent = { name: 'a', doneBytes: 5, totalBytes: 5 };
    assert.deepEqual(
      items.find((each) => Array.isArray(each) && each[0] === 'Sending a'),
      ['Sending a', sent],
    );
  });

  it('keeps the modes of files in annotations when asked', async () => {
    await chmod(path.join(folder, 'a'), 0o750);
    const keeping = new LocalFiles({ temporaryFolder: folder, keepModes: true });
    const { manifest } = await push(keeping, destination, {
      files: [file('a')],
      tags: ['v1'],
      created: CREATED,
    });
    const [layer] = parseManifest(manifest.bytes).layers;
    assert.equal(layer?.annotations?.[annotationKeys.fileMode], '0750');
    const out = path.join(folder, 'out');
    const plan = await planPull(destination, 'v1', { keepModes: true });
    await pull(destination, plan, new FolderSink(out), { policy: 'overwrite' });
    assert.equal((await stat(path.join(out, 'a'))).mode & 0o777, 0o750);
  });
});
