import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { algorithmOf, digestOf, hexOf, type Digest } from '../../src/oci/digest';
import { encodeImageManifest } from '../../src/oci/manifest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { forkRegistry, type RegistryProcess } from '../support/embeddedRegistry';

const SIZE = 24 * 1024 * 1024;
const content = Buffer.alloc(SIZE, 'some content that repeats and goes on ');
const digest = digestOf(content);

describe('The embedded registry, killed with -9', function () {
  this.timeout(60_000);
  let root: string;
  let registry: RegistryProcess;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'oci-crash-'));
    registry = await forkRegistry(root);
  });
  afterEach(async () => {
    if (registry.process.exitCode === null && registry.process.signalCode === null) await registry.stop();
    await rm(root, { recursive: true, force: true });
  });

  for (const sentBytes of [1, 64 * 1024, 4 * 1024 * 1024 + 1, SIZE / 2, SIZE - 1, SIZE]) {
    it(`${sentBytes} bytes into an upload shows nothing half-written, and takes the upload again`, async () => {
      await cutUpload(registry, sentBytes);
      registry = await forkRegistry(root);
      await assertWholeOrAbsent(root, registry.host);
      await pushAll(registry.host);
      const got = await fetch(`http://${registry.host}/v2/demo/app/blobs/${digest}`);
      assert.equal(digestOf(Buffer.from(await got.arrayBuffer())), digest);
    });
  }

  it('among many tag changes leaves an index.json that is whole', async () => {
    await pushAll(registry.host);
    const put = (tag: string) => putManifest(registry.host, tag).catch(() => undefined);
    const puts = Array.from({ length: 60 }, (_, index) => put(`t${index}`));
    await Promise.race(puts.slice(20));
    await registry.kill();
    await Promise.all(puts);
    registry = await forkRegistry(root);
    await putManifest(registry.host, 'after');
    const answer = await fetch(`http://${registry.host}/v2/demo/app/tags/list`);
    const { tags } = (await answer.json()) as { tags: string[] };
    assert.ok(tags.includes('after') && tags.includes('first') && tags.length > 2);
    for (const tag of tags) {
      assert.equal((await fetch(`http://${registry.host}/v2/demo/app/manifests/${tag}`)).status, 200);
    }
  });

  it('keeps each manifest that 16 clients were answered 201 for', async () => {
    await pushAll(registry.host);
    const answered: string[] = [];
    let next = 0;
    const client = async () => {
      for (let tag = `t${next++}`; ; tag = `t${next++}`) {
        await putManifest(registry.host, tag);
        answered.push(tag);
        if (answered.length === 200) void registry.kill();
      }
    };
    await Promise.allSettled(Array.from({ length: 16 }, client));
    assert.ok(answered.length >= 200);
    registry = await forkRegistry(root);
    for (const tag of answered) {
      assert.equal((await fetch(`http://${registry.host}/v2/demo/app/manifests/${tag}`)).status, 200, tag);
    }
  });

  it('keeps what was received, so that an upload in chunks goes on after a restart', async () => {
    const begun = await fetch(`http://${registry.host}/v2/demo/app/blobs/uploads/`, { method: 'POST' });
    const location = begun.headers.get('location') ?? '';
    const half = SIZE / 2;
    await fetch(`http://${registry.host}${location}`, { method: 'PATCH', body: content.subarray(0, half) });
    await registry.kill();
    registry = await forkRegistry(root);
    const state = await fetch(`http://${registry.host}${location}`);
    assert.equal(state.headers.get('range'), `0-${half - 1}`);
    const done = await fetch(`http://${registry.host}${location}?digest=${digest}`, {
      method: 'PUT',
      body: content.subarray(half),
    });
    assert.equal(done.status, 201);
  });
});

describe('The embedded registry as a child process', () => {
  it('ends with SIGTERM, and with the parent that forked it', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'oci-child-'));
    try {
      assert.equal(await (await forkRegistry(root)).stop(), 0);
      const { process: child } = await forkRegistry(root);
      const ended = once(child, 'exit');
      child.disconnect();
      assert.deepEqual(await ended, [0, null]);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

/** Sends the first bytes of a PUT, kills the registry once it has taken them, and waits for both ends. */
async function cutUpload(registry: RegistryProcess, sentBytes: number): Promise<void> {
  const begun = await fetch(`http://${registry.host}/v2/demo/app/blobs/uploads/`, { method: 'POST' });
  const location = `${begun.headers.get('location') ?? ''}?digest=${digest}`;
  const headers = { 'content-length': String(SIZE) };
  const sent = request(`http://${registry.host}${location}`, { method: 'PUT', headers });
  const over = new Promise((resolve) => sent.once('close', resolve));
  sent.on('error', () => undefined);
  await new Promise((resolve) => sent.write(content.subarray(0, sentBytes), resolve));
  await registry.kill();
  sent.destroy();
  await over;
}

/** Every file with a blob's name has the bytes of that name, and the registry answers accordingly. */
async function assertWholeOrAbsent(root: string, host: string): Promise<void> {
  const folder = path.join(root, 'demo/app/blobs', algorithmOf(digest));
  for (const name of await readdir(folder).catch(() => [])) {
    assert.equal(hexOf(digestOf(await readFile(path.join(folder, name)))), name);
  }
  const head = await fetch(`http://${host}/v2/demo/app/blobs/${digest}`, { method: 'HEAD' });
  const length = head.status === 200 ? Number(head.headers.get('content-length')) : undefined;
  assert.ok(head.status === 404 || length === SIZE, `${head.status} with ${length} bytes`);
  const repositories = await (await fetch(`http://${host}/v2/_catalog`)).json();
  assert.deepEqual(repositories, { repositories: [] });
}

async function pushAll(host: string): Promise<void> {
  await pushBlob(host, content, digest);
  await pushBlob(host, Buffer.from('{}'), digestOf('{}'));
  await putManifest(host, 'first');
}

async function pushBlob(host: string, bytes: Buffer, name: Digest): Promise<void> {
  const url = `http://${host}/v2/demo/app/blobs/uploads/?digest=${name}`;
  assert.equal((await fetch(url, { method: 'POST', body: bytes })).status, 201);
}

async function putManifest(host: string, tag: string): Promise<void> {
  const body = encodeImageManifest({
    artifactType: `x/${tag}`,
    config: { mediaType: mediaTypes.ociEmpty, digest: digestOf('{}'), size: 2 },
    layers: [{ mediaType: mediaTypes.ociLayer, digest, size: SIZE }],
  });
  const url = `http://${host}/v2/demo/app/manifests/${tag}`;
  const headers = { 'content-type': mediaTypes.ociManifest };
  assert.equal((await fetch(url, { method: 'PUT', body, headers })).status, 201);
}
