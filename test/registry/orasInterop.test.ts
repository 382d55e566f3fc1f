import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { annotationKeys } from '../../src/oci/annotations';
import { digestOf } from '../../src/oci/digest';
import { parseManifest } from '../../src/oci/manifest';
import type { LocalFile, Reader, Writer } from '../../src/oci/target';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push, type PushOptions } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { Registry } from '../../src/targets/registry/registry';
import { startDockerRegistry } from '../support/dockerRegistry';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';
import { testTransport } from '../support/testTransport';

const run = promisify(execFile);
const CREATED = '2024-05-06T07:08:09Z';
const ANNOTATIONS = {
  'com.example.html': '<b>a & b</b>\u2028',
  'com.example.\uffee': 'after the astral plane by UTF-16, before it by UTF-8',
  'com.example.𝒳': 'grüße 世界',
};

const sameManifests: Record<string, { args: string[]; titles: string[]; options?: Partial<PushOptions> }> = {
  'one file': { args: ['a.txt'], titles: ['a.txt'] },
  'several files, one of them empty': {
    args: ['a.txt', 'b & c.txt', 'empty'],
    titles: ['a.txt', 'b & c.txt', 'empty'],
  },
  'no files, annotations alone': { args: [], titles: [] },
  'an artifact type': {
    args: ['--artifact-type', 'application/vnd.example.thing+json', 'a.txt'],
    titles: ['a.txt'],
    options: { artifactType: 'application/vnd.example.thing+json' },
  },
  'annotations with <>&, line separators and letters beyond ASCII': {
    args: [...Object.entries(ANNOTATIONS).flatMap(([key, value]) => ['-a', `${key}=${value}`]), 'a.txt'],
    titles: ['a.txt'],
    options: { annotations: ANNOTATIONS },
  },
};

/** A place that both sides write to and read from. */
interface Place {
  readonly target: Reader & Writer;
  /** What `oras` is told to name it. */
  readonly arguments: (tag: string) => string[];
  readonly close: () => Promise<void>;
}

const places: Record<string, (scratch: string) => Promise<Place>> = {
  'an OCI layout': async (scratch) => {
    const folder = path.join(scratch, 'layout');
    const close = async () => undefined;
    return { target: new OciLayout(folder), arguments: (tag) => ['--oci-layout', `${folder}:${tag}`], close };
  },
  'the embedded registry': async () => registryPlace(await startEmbeddedRegistry()),
  'docker-registry': async () => registryPlace(await startDockerRegistry()),
};

function registryPlace(server: { readonly host: string; stop(): Promise<void> }): Place {
  const { host } = server;
  const target = new Registry(host, testTransport()).repository('some/where');
  const close = () => server.stop();
  return { target, arguments: (tag) => ['--plain-http', `${host}/some/where:${tag}`], close };
}

for (const [placeName, openPlace] of Object.entries(places)) {
  describe(`beside the real oras, by way of ${placeName}`, function () {
    this.timeout(60_000);
    let oras: string;
    let scratch: string;
    let work: string;
    let out: string;
    let place: Place;

    before(function () {
      oras = peerOrSkip(this, 'oras');
      if (placeName === 'docker-registry') peerOrSkip(this, 'docker-registry');
    });

    beforeEach(async () => {
      scratch = await mkdtemp(path.join(tmpdir(), 'oras-interop-'));
      work = path.join(scratch, 'work');
      out = path.join(scratch, 'out');
      await mkdir(work);
      await writeFile(path.join(work, 'a.txt'), 'first\n');
      await writeFile(path.join(work, 'b & c.txt'), 'second\n');
      await writeFile(path.join(work, 'empty'), '');
      await makeFolder(path.join(work, 'tree'));
      place = await openPlace(scratch);
    });

    afterEach(async () => {
      await place.close();
      await rm(scratch, { recursive: true, force: true });
    });

    const orasPush = (...args: string[]) =>
      run(oras, ['push', ...place.arguments('theirs'), ...args], { cwd: work });

    const orasPull = (tag: string, folder: string) =>
      run(oras, ['pull', ...place.arguments(tag), '-o', folder]);

    const ourPush = async (titles: readonly string[], options: Partial<PushOptions> = {}) => {
      const source = new LocalFiles();
      const files = titles.map((title): LocalFile => ({ path: path.join(work, title), title }));
      try {
        return await push(source, place.target, { files, tags: ['ours'], created: CREATED, ...options });
      } finally {
        await source.dispose();
      }
    };

    const ourPull = async (tag: string) =>
      pull(place.target, await planPull(place.target, tag), new FolderSink(out), { policy: 'overwrite' });

    for (const [name, { args, titles, options }] of Object.entries(sameManifests)) {
      it(`writes the same manifest, byte for byte: ${name}`, async () => {
        await orasPush('-a', `${annotationKeys.created}=${CREATED}`, ...args);
        const theirs = await place.target.readManifest('theirs');
        const ours = await ourPush(titles, options);
        assert.equal(Buffer.from(ours.manifest.bytes).toString(), Buffer.from(theirs.bytes).toString());
        assert.equal((await place.target.resolve('ours')).digest, theirs.descriptor.digest);
      });
    }

    it('packs a folder to the same inner tar: long, deep and foreign names, links, modes, odd times', async () => {
      await orasPush('tree');
      const theirs = parseManifest((await place.target.readManifest('theirs')).bytes).layers[0];
      const ours = parseManifest((await ourPush(['tree'])).manifest.bytes).layers[0];
      assert.ok(theirs?.annotations?.[annotationKeys.contentDigest]);
      assert.deepEqual(ours?.annotations, theirs.annotations);
      assert.equal(ours?.mediaType, theirs.mediaType);
    });

    it('pulls what oras pushed: a file, several, a folder', async () => {
      await orasPush('a.txt', 'b & c.txt', 'empty', 'tree');
      await ourPull('theirs');
      assert.deepEqual(await contentOf(out), await contentOf(work));
    });

    it('pulls what oras pushed of the folder that it stood in', async () => {
      await orasPush('.');
      await ourPull('theirs');
      assert.deepEqual(await contentOf(out), await contentOf(work));
    });

    it('pushes what oras pulls to the same bytes: files, a folder', async () => {
      await ourPush(['a.txt', 'b & c.txt', 'empty', 'tree']);
      await orasPull('ours', out);
      assert.deepEqual(await contentOf(out, { times: false }), await contentOf(work, { times: false }));
    });

    it('unpacks to the modes and times that oras pull gives', async () => {
      await orasPush('tree');
      const theirs = path.join(scratch, 'theirs');
      await orasPull('theirs', theirs);
      await ourPull('theirs');
      const files = (entries: Record<string, string>) =>
        Object.fromEntries(Object.entries(entries).filter(([, text]) => text.startsWith('file')));
      assert.deepEqual(files(await contentOf(out)), files(await contentOf(theirs)));
    });
  });
}

async function makeFolder(root: string): Promise<void> {
  const deep = path.join(root, 'd'.repeat(60), 'e'.repeat(60), 'f'.repeat(60));
  await mkdir(path.join(root, 'sub'), { recursive: true });
  await mkdir(deep, { recursive: true });
  await mkdir(path.join(root, 'ünï', '世'.repeat(40)), { recursive: true });
  await mkdir(path.join(root, 'empty folder'));
  const files: Record<string, string> = {
    'sub/in.txt': 'inside',
    'sub.txt': 'sorts behind the folder, before its content by full path',
    Upper: 'x'.repeat(512),
    'new\nline': 'odd',
    [`${'n'.repeat(100)}`]: 'a hundred',
    [`${'m'.repeat(140)}`]: 'more than a hundred in one part',
    [`${'d'.repeat(60)}/${'e'.repeat(60)}/short`]: 'prefix and name',
    [`${'d'.repeat(60)}/${'e'.repeat(60)}/${'f'.repeat(60)}/${'g'.repeat(90)}`]: 'too deep for a prefix',
    [`ünï/${'世'.repeat(40)}/ß.txt`]: 'grüße',
    '\u{1d4b3}': 'astral',
    '\uffee': 'before astral by bytes',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(root, name), text);
  await writeFile(path.join(root, 'big.bin'), Buffer.alloc(3_000_001, 'pattern'));
  await symlink('sub/in.txt', path.join(root, 'link'));
  await symlink('../Upper', path.join(root, 'sub', 'up'));
  await symlink(`sub/../${'d'.repeat(60)}/${'e'.repeat(60)}/short`, path.join(root, 'long link'));
  await symlink('ünï', path.join(root, 'foreign link'));
  await chmod(path.join(root, 'Upper'), 0o755);
  await chmod(path.join(root, 'sub/in.txt'), 0o4640);
  await utimes(path.join(root, 'Upper'), 1, 1_600_000_000.5);
  await utimes(path.join(root, 'sub.txt'), 1, 1_600_000_000.499);
  await utimes(path.join(root, 'link'), 1, 1_600_000_000);
  await utimes(path.join(root, 'sub'), 1, 1_500_000_000.75);
  await utimes(path.join(root, 'big.bin'), 1, -86_400.25);
}

/** Path to what is there: bytes by digest, permission bits and whole seconds of files, targets of links. */
async function contentOf(root: string, { times = true } = {}): Promise<Record<string, string>> {
  const entries: Record<string, string> = {};
  for (const name of (await readdir(root, { recursive: true })).sort()) {
    const full = path.join(root, name);
    const stats = await lstat(full);
    if (stats.isSymbolicLink()) entries[name] = `link ${await readlink(full)}`;
    else if (stats.isDirectory()) entries[name] = 'folder';
    else {
      const inTree = name.startsWith(`tree${path.sep}`);
      const mode = inTree ? (stats.mode & 0o777).toString(8) : '';
      const seconds = inTree && times ? Math.round(stats.mtimeMs / 1000) : '';
      entries[name] = `file ${digestOf(await readFile(full))} ${mode} ${seconds}`;
    }
  }
  return entries;
}
