import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
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
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { annotationKeys } from '../../src/oci/annotations';
import type { Descriptor } from '../../src/oci/descriptor';
import { digestOf, hexOf, isDigest, VerifyingStream, type Digest } from '../../src/oci/digest';
import { parseManifest } from '../../src/oci/manifest';
import { isManifestType } from '../../src/oci/mediaTypes';
import type { ContentSource, LocalFile, ManifestContent, Reader, Writer } from '../../src/oci/target';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push, type PushOptions } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { peerOrSkip } from '../support/peers';

const run = promisify(execFile);
const CREATED = '2024-05-06T07:08:09Z';
const ANNOTATIONS = {
  'com.example.html': '<b>a & b</b>\u2028',
  'com.example.\uffee': 'after the astral plane by UTF-16, before it by UTF-8',
  'com.example.𝒳': 'grüße 世界',
};

describe('beside the real oras', function () {
  this.timeout(60_000);
  let oras: string;
  let scratch: string;
  let work: string;
  let layout: FolderLayout;

  before(function () {
    oras = peerOrSkip(this, 'oras');
  });

  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'oras-interop-'));
    work = path.join(scratch, 'work');
    await mkdir(work);
    layout = new FolderLayout(path.join(scratch, 'layout'));
    await writeFile(path.join(work, 'a.txt'), 'first\n');
    await writeFile(path.join(work, 'b & c.txt'), 'second\n');
    await writeFile(path.join(work, 'empty'), '');
    await makeFolder(path.join(work, 'tree'));
  });

  afterEach(() => rm(scratch, { recursive: true, force: true }));

  const orasPush = (...args: string[]) =>
    run(oras, ['push', '--oci-layout', `${layout.folder}:theirs`, ...args], { cwd: work });

  const ourPush = async (titles: readonly string[], options: Partial<PushOptions> = {}) => {
    const source = new LocalFiles();
    const files = titles.map((title): LocalFile => ({ path: path.join(work, title), title }));
    try {
      return await push(source, layout, { files, tags: ['ours'], created: CREATED, ...options });
    } finally {
      await source.dispose();
    }
  };

  const ourPull = async (reference: string) => {
    const out = path.join(scratch, 'out');
    await pull(layout, await planPull(layout, reference), new FolderSink(out), { policy: 'overwrite' });
    return out;
  };

  const createdFlags = ['-a', `${annotationKeys.created}=${CREATED}`];

  const sameManifests: Record<string, { args: string[]; titles: string[]; options?: Partial<PushOptions> }> =
    {
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
  for (const [name, { args, titles, options }] of Object.entries(sameManifests)) {
    it(`writes the same manifest, byte for byte: ${name}`, async () => {
      await orasPush(...createdFlags, ...args);
      const theirs = await layout.readManifest('theirs');
      const ours = await ourPush(titles, options);
      assert.equal(Buffer.from(ours.manifest.bytes).toString(), Buffer.from(theirs.bytes).toString());
      assert.equal(ours.descriptor.digest, theirs.descriptor.digest);
    });
  }

  it('packs a folder to the same inner tar: long, deep and foreign names, links, modes, odd times', async () => {
    await orasPush('tree');
    const theirs = parseManifest((await layout.readManifest('theirs')).bytes).layers[0];
    const ours = parseManifest((await ourPush(['tree'])).manifest.bytes).layers[0];
    assert.ok(theirs?.annotations?.[annotationKeys.contentDigest]);
    assert.deepEqual(ours?.annotations, theirs.annotations);
    assert.equal(ours?.mediaType, theirs.mediaType);
  });

  it('pulls what oras pushed: a file, several, a folder', async () => {
    await orasPush('a.txt', 'b & c.txt', 'empty', 'tree');
    const out = await ourPull('theirs');
    assert.deepEqual(await contentOf(out), await contentOf(work));
  });

  it('pushes what oras pulls to the same bytes: files, a folder', async () => {
    await ourPush(['a.txt', 'b & c.txt', 'empty', 'tree']);
    const out = path.join(scratch, 'out');
    await run(oras, ['pull', '--oci-layout', `${layout.folder}:ours`, '-o', out]);
    assert.deepEqual(await contentOf(out, { times: false }), await contentOf(work, { times: false }));
  });

  it('unpacks to the modes and times that oras pull gives', async () => {
    await orasPush('tree');
    const theirs = path.join(scratch, 'theirs');
    await run(oras, ['pull', '--oci-layout', `${layout.folder}:theirs`, '-o', theirs]);
    const leaves = (entries: Record<string, string>) =>
      Object.fromEntries(Object.entries(entries).filter(([, text]) => text.startsWith('file')));
    assert.deepEqual(leaves(await contentOf(await ourPull('theirs'))), leaves(await contentOf(theirs)));
  });
});

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

/** Just enough of an OCI image layout for `oras --oci-layout` and our operations to meet on disk. */
class FolderLayout implements Reader, Writer {
  constructor(readonly folder: string) {}

  async resolve(reference: string): Promise<Descriptor> {
    const index = parseManifest(await readFile(path.join(this.folder, 'index.json')));
    const found = index.manifests.find(({ digest, annotations }) =>
      isDigest(reference) ? digest === reference : annotations?.[annotationKeys.refName] === reference,
    );
    assert.ok(found, `${reference} is in the layout`);
    return found;
  }

  async readManifest(reference: string): Promise<ManifestContent> {
    const descriptor = await this.resolve(reference);
    const bytes = await readFile(this.blobPath(descriptor.digest));
    assert.equal(digestOf(bytes), descriptor.digest);
    return { descriptor, bytes };
  }

  async exists({ digest }: Descriptor): Promise<boolean> {
    return lstat(this.blobPath(digest)).then(
      () => true,
      () => false,
    );
  }

  async fetch(descriptor: Descriptor): Promise<Readable> {
    return createReadStream(this.blobPath(descriptor.digest)).pipe(new VerifyingStream(descriptor, 'layout'));
  }

  async push(descriptor: Descriptor, content: ContentSource): Promise<void> {
    const bytes = await buffer(await content.open());
    assert.equal(digestOf(bytes), descriptor.digest);
    await mkdir(path.dirname(this.blobPath(descriptor.digest)), { recursive: true });
    await writeFile(this.blobPath(descriptor.digest), bytes);
    if (isManifestType(descriptor.mediaType)) await this.addToIndex(descriptor);
  }

  async tag({ descriptor }: ManifestContent, tag: string): Promise<void> {
    await this.addToIndex({ ...descriptor, annotations: { [annotationKeys.refName]: tag } });
  }

  private async addToIndex(entry: Descriptor): Promise<void> {
    const file = path.join(this.folder, 'index.json');
    const manifests = await readFile(file).then(
      (bytes) => parseManifest(bytes).manifests,
      () => [],
    );
    await writeFile(path.join(this.folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(file, JSON.stringify({ schemaVersion: 2, manifests: [...manifests, entry] }));
  }

  private blobPath(digest: Digest): string {
    return path.join(this.folder, 'blobs/sha256', hexOf(digest));
  }
}
