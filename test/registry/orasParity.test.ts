import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { annotationKeys } from '../../src/oci/annotations';
import { parseAnnotationFile } from '../../src/oci/annotationFile';
import type { Digest } from '../../src/oci/digest';
import { InvalidContentError } from '../../src/oci/errors';
import { parsePlatform } from '../../src/oci/platform';
import type { LocalFile } from '../../src/oci/target';
import { attach, type AttachOptions } from '../../src/operations/attach';
import {
  createIndex,
  updateIndex,
  type CreateIndexOptions,
  type UpdateIndexOptions,
} from '../../src/operations/imageIndex';
import { push, type PushOptions } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { ParityTable } from '../support/parityTable';
import { peerOrSkip } from '../support/peers';

const run = promisify(execFile);
const CREATED = '2024-05-06T07:08:09Z';
const TYPE = 'application/vnd.example.thing+json';
const ODD_ANNOTATIONS = {
  'com.example.html': '<b>a & b</b>\u2028"\\\t\u0001',
  'com.example.\uffee': 'after the astral plane by UTF-16, before it by UTF-8',
  'com.example.𝒳': 'grüße 世界',
  'com.example.empty': '',
};

/** What `oras` is called with beside what we are; files are given by their titles. */
interface Mode {
  readonly args: readonly string[];
  readonly files?: readonly (string | LocalFile)[];
  readonly options?: Partial<PushOptions>;
  /** Without an annotation of ours: an annotation file brings its own. */
  readonly unpinned?: true;
}

const annotationArgs = (annotations: Readonly<Record<string, string>>) =>
  Object.entries(annotations).flatMap(([key, value]) => ['-a', `${key}=${value}`]);

const config = (mediaType?: string) => ({ path: 'config.json', ...(mediaType && { mediaType }) });

const modes: Readonly<Record<string, Mode>> = {
  'one file': { args: ['a.txt'], files: ['a.txt'] },
  'no files': { args: [] },
  'several files, one empty, one with odd letters': {
    args: ['a.txt', 'b & c.txt', 'empty', 'ü<世>.txt'],
    files: ['a.txt', 'b & c.txt', 'empty', 'ü<世>.txt'],
  },
  'nested paths': {
    args: ['sub/deep/x.txt', './sub//y.txt'],
    files: ['sub/deep/x.txt', './sub//y.txt'],
  },
  'the same content under two titles': { args: ['a.txt', 'copy.txt'], files: ['a.txt', 'copy.txt'] },
  'media types of files': {
    args: ['a.txt:text/plain', 'b & c.txt:application/vnd.example+json'],
    files: [
      { path: 'a.txt', title: 'a.txt', mediaType: 'text/plain' },
      { path: 'b & c.txt', title: 'b & c.txt', mediaType: 'application/vnd.example+json' },
    ],
  },
  'an artifact type': {
    args: ['--artifact-type', TYPE, 'a.txt'],
    files: ['a.txt'],
    options: { artifactType: TYPE },
  },
  'an artifact type, no files': { args: ['--artifact-type', TYPE], options: { artifactType: TYPE } },
  'annotations with <>&, controls and letters beyond ASCII': {
    args: [...annotationArgs(ODD_ANNOTATIONS), 'a.txt'],
    files: ['a.txt'],
    options: { annotations: ODD_ANNOTATIONS },
  },
  'a config alone': {
    args: ['--config', 'config.json', 'a.txt'],
    files: ['a.txt'],
    options: { config: config() },
  },
  'a config with its type': {
    args: ['--config', 'config.json:application/vnd.example.config', 'a.txt'],
    files: ['a.txt'],
    options: { config: config('application/vnd.example.config') },
  },
  'a config and an artifact type': {
    args: ['--config', 'config.json:application/vnd.example.config', '--artifact-type', TYPE, 'a.txt'],
    files: ['a.txt'],
    options: { config: config('application/vnd.example.config'), artifactType: TYPE },
  },
  'a config and an artifact type, no files': {
    args: ['--config', 'config.json', '--artifact-type', TYPE],
    options: { config: config(), artifactType: TYPE },
  },
  'a config, image-spec v1.0': {
    args: ['--config', 'config.json', '--image-spec', 'v1.0', 'a.txt'],
    files: ['a.txt'],
    options: { config: config(), imageSpec: 'v1.0' },
  },
  'image-spec v1.0': {
    args: ['--image-spec', 'v1.0', 'a.txt'],
    files: ['a.txt'],
    options: { imageSpec: 'v1.0' },
  },
  'image-spec v1.0, no files': { args: ['--image-spec', 'v1.0'], options: { imageSpec: 'v1.0' } },
  'image-spec v1.0 and an artifact type': {
    args: ['--image-spec', 'v1.0', '--artifact-type', TYPE, 'a.txt'],
    files: ['a.txt'],
    options: { imageSpec: 'v1.0', artifactType: TYPE },
  },
  'image-spec v1.1': {
    args: ['--image-spec', 'v1.1', 'a.txt'],
    files: ['a.txt'],
    options: { imageSpec: 'v1.1' },
  },
  'a platform': {
    args: ['--artifact-platform', 'linux/arm/v7', 'a.txt'],
    files: ['a.txt'],
    options: { artifactPlatform: parsePlatform('linux/arm/v7') },
  },
  'a platform with the version of its system, and an artifact type': {
    args: ['--artifact-platform', 'windows/amd64:10.0.20348.1', '--artifact-type', TYPE, 'a.txt'],
    files: ['a.txt'],
    options: { artifactPlatform: parsePlatform('windows/amd64:10.0.20348.1'), artifactType: TYPE },
  },
  'a platform, image-spec v1.0': {
    args: ['--artifact-platform', 'linux/amd64', '--image-spec', 'v1.0', 'a.txt'],
    files: ['a.txt'],
    options: { artifactPlatform: parsePlatform('linux/amd64'), imageSpec: 'v1.0' },
  },
};

/** What an annotation file is pushed with; it pins the time itself. */
const annotationFileModes: Readonly<Record<string, Mode>> = {
  'an annotation file for manifest, config and files': {
    args: ['a.txt', 'sub/deep/x.txt'],
    files: ['a.txt', 'sub/deep/x.txt'],
  },
  'an annotation file that gives a file another title': { args: ['copy.txt'], files: ['copy.txt'] },
  'an annotation file, no files': { args: [] },
  'an annotation file and a config': {
    args: ['--config', 'config.json', '--artifact-type', TYPE, 'a.txt'],
    files: ['a.txt'],
    options: { config: config(), artifactType: TYPE },
  },
  'an annotation file and a platform': {
    args: ['--artifact-platform', 'linux/amd64', 'a.txt'],
    files: ['a.txt'],
    options: { artifactPlatform: parsePlatform('linux/amd64') },
  },
  'an annotation file, image-spec v1.0': {
    args: ['--image-spec', 'v1.0', 'a.txt'],
    files: ['a.txt'],
    options: { imageSpec: 'v1.0' },
  },
};

const ANNOTATION_FILE = {
  $manifest: { [annotationKeys.created]: '2024-05-06T07:08:09.123+02:00', ...ODD_ANNOTATIONS },
  $config: { 'com.example.config': '<c>' },
  'a.txt': { 'com.example.file': 'ä' },
  'sub/deep/x.txt': {},
  'copy.txt': { [annotationKeys.title]: 'other/name.txt' },
  'not pushed': { a: 'b' },
};

const attachModes: Readonly<Record<string, Mode & { readonly options?: Partial<AttachOptions> }>> = {
  'attach: a file': { args: ['a.txt'], files: ['a.txt'] },
  'attach: annotations alone': {
    args: annotationArgs(ODD_ANNOTATIONS),
    options: { annotations: ODD_ANNOTATIONS },
  },
  'attach: a file and a config': {
    args: ['--config', 'config.json:application/vnd.example.config', 'a.txt:text/plain'],
    files: [{ path: 'a.txt', title: 'a.txt', mediaType: 'text/plain' }],
    options: { config: config('application/vnd.example.config') },
  },
};

/** What `oras` refuses, and so do we. */
const refused: Readonly<Record<string, Mode>> = {
  'a config without a type, image-spec v1.1': {
    args: ['--config', 'config.json', '--image-spec', 'v1.1', 'a.txt'],
    options: { config: config(), imageSpec: 'v1.1' },
  },
  'a config and an artifact type, image-spec v1.0': {
    args: ['--config', 'config.json', '--artifact-type', TYPE, '--image-spec', 'v1.0'],
    options: { config: config(), artifactType: TYPE, imageSpec: 'v1.0' },
  },
  'a platform and an artifact type, image-spec v1.0': {
    args: ['--artifact-platform', 'linux/amd64', '--artifact-type', TYPE, '--image-spec', 'v1.0'],
    options: { artifactPlatform: parsePlatform('linux/amd64'), artifactType: TYPE, imageSpec: 'v1.0' },
  },
  'a platform and a config': {
    args: ['--artifact-platform', 'linux/amd64', '--config', 'config.json'],
    options: { artifactPlatform: parsePlatform('linux/amd64'), config: config() },
  },
  'an artifact type that is no media type': {
    args: ['--artifact-type', 'thing'],
    options: { artifactType: 'thing' },
  },
};

describe('The same bytes as oras', function () {
  this.timeout(60_000);
  const table = new ParityTable('parity', 'Manifests beside those of the real oras');
  let oras: string;
  let scratch: string;
  let layout: OciLayout;

  before(async function () {
    oras = peerOrSkip(this, 'oras');
    scratch = await mkdtemp(path.join(tmpdir(), 'oras-parity-'));
    layout = new OciLayout(path.join(scratch, 'layout'));
    const files: Record<string, string> = {
      'a.txt': 'first\n',
      'copy.txt': 'first\n',
      'b & c.txt': 'second\n',
      empty: '',
      'ü<世>.txt': 'third\n',
      'sub/deep/x.txt': 'x',
      'sub/y.txt': 'y',
      'config.json': '{"key": "value"}\n',
      'annotations.json': JSON.stringify(ANNOTATION_FILE),
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(scratch, name)), { recursive: true });
      await writeFile(path.join(scratch, name), text);
    }
  });

  after(async () => {
    await rm(scratch, { recursive: true, force: true });
    await table.write();
  });

  const orasRun = (...args: readonly string[]) => run(oras, args, { cwd: scratch });
  const place = (tag: string) => ['--oci-layout', `layout:${tag}`];
  const pin = ['-a', `${annotationKeys.created}=${CREATED}`];

  const files = ({ files: listed = [] }: Mode): readonly LocalFile[] =>
    listed.map((file) => {
      const given = typeof file === 'string' ? { path: file, title: file } : file;
      return { ...given, path: path.join(scratch, given.path) };
    });

  const inScratch = ({ options = {} }: Mode): Partial<PushOptions> => {
    const { config: own } = options;
    return { ...options, ...(own && { config: { ...own, path: path.join(scratch, own.path) } }) };
  };

  const ours = async (mode: Mode, options: Partial<PushOptions> = {}) => {
    const source = new LocalFiles();
    const all = { files: files(mode), tags: ['ours'], created: CREATED, ...inScratch(mode), ...options };
    return (await push(source, layout, all)).manifest;
  };

  const compare = async (mode: string, bytes: Uint8Array) => {
    const theirs = await layout.readManifest('theirs');
    const [ourText, theirText] = [bytes, theirs.bytes].map((each) => Buffer.from(each).toString());
    table.add({ mode, theirs: theirs.descriptor.digest, same: ourText === theirText });
    assert.equal(ourText, theirText);
  };

  for (const [name, mode] of Object.entries(modes)) {
    it(`push: ${name}`, async () => {
      const exported = path.join(scratch, 'exported.json');
      await orasRun('push', ...place('theirs'), ...pin, '--export-manifest', exported, ...mode.args);
      const { bytes } = await ours(mode);
      await compare(name, bytes);
      assert.equal(Buffer.from(bytes).toString(), await readFile(exported, 'utf8'));
    });
  }

  for (const [name, mode] of Object.entries(annotationFileModes)) {
    it(`push: ${name}`, async () => {
      await orasRun('push', ...place('theirs'), '--annotation-file', 'annotations.json', ...mode.args);
      const text = await readFile(path.join(scratch, 'annotations.json'));
      const annotationFile = parseAnnotationFile(text, 'annotations.json');
      await compare(name, (await ours(mode, { annotationFile })).bytes);
    });
  }

  it('push: several tags at once', async () => {
    await orasRun('push', ...place('theirs,two,three'), ...pin, 'a.txt');
    const manifest = await ours({ args: [], files: ['a.txt'] }, { tags: ['ours', 'zwei', 'drei'] });
    await compare('several tags', manifest.bytes);
    for (const tag of ['two', 'three', 'ours', 'zwei', 'drei'])
      assert.equal((await layout.resolve(tag)).digest, manifest.descriptor.digest);
  });

  // By digest: for a tag in a layout oras copies the entry of index.json, tag and all, into the subject.
  for (const [name, mode] of Object.entries(attachModes)) {
    it(name, async () => {
      await orasRun('push', ...place('subject'), ...pin, 'a.txt');
      const subject = (await layout.resolve('subject')).digest;
      const options = ['--artifact-type', TYPE, '--format', 'json', ...pin];
      const said = await orasRun('attach', '--oci-layout', `layout@${subject}`, ...options, ...mode.args);
      const { digest } = JSON.parse(said.stdout) as { digest: string };
      await layout.tag(await layout.readManifest(digest), 'theirs');
      const result = await attach(new LocalFiles(), layout, 'subject', {
        ...inScratch(mode),
        artifactType: TYPE,
        created: CREATED,
        files: files(mode),
      });
      await compare(name, result.manifest.bytes);
    });
  }

  for (const [name, mode] of Object.entries(refused)) {
    it(`refuses what oras refuses: ${name}`, async () => {
      await assert.rejects(orasRun('push', ...place('refused'), ...pin, ...mode.args), /Error/);
      await assert.rejects(ours(mode), InvalidContentError);
    });
  }

  it('refuses to attach nothing, as oras does', async () => {
    await orasRun('push', ...place('subject'), ...pin, 'a.txt');
    await assert.rejects(
      orasRun('attach', ...place('subject'), '--artifact-type', TYPE),
      /neither file nor annotation/,
    );
    const nothing = attach(new LocalFiles(), layout, 'subject', { artifactType: TYPE, files: [] });
    await assert.rejects(nothing, /there are neither files nor annotations in it/);
  });

  describe('index', () => {
    const indexPlace = (tag: string) => ['--oci-layout', `layout:${tag}`];

    /** Two images with platforms in their configs, an artifact, an old-style artifact, and an index. */
    before(async () => {
      const image = ['--image-spec', 'v1.0'];
      await orasRun('push', ...place('amd'), ...pin, '--artifact-platform', 'linux/amd64', ...image, 'a.txt');
      await orasRun(
        'push',
        ...place('arm'),
        ...pin,
        '--artifact-platform',
        'linux/arm/v7',
        ...image,
        'empty',
      );
      await orasRun('push', ...place('artifact'), ...pin, '--artifact-type', TYPE, 'a.txt');
      await orasRun(
        'push',
        ...place('old'),
        ...pin,
        '--config',
        'config.json:application/vnd.old.config',
        'a.txt',
      );
      await orasRun(
        'manifest',
        'index',
        'create',
        ...indexPlace('inner'),
        '--artifact-type',
        TYPE,
        'artifact',
      );
      await orasRun('manifest', 'index', 'create', ...indexPlace('base'), '-a', 'a=<b>', 'amd', 'artifact');
    });

    const all = ['amd', 'arm', 'artifact', 'old', 'inner'];
    const creations: Record<string, { args: readonly string[]; options: Partial<CreateIndexOptions> }> = {
      'index create: platforms, types, an index in it': { args: all, options: { manifests: all } },
      'index create: nothing in it': { args: [], options: {} },
      'index create: a type and annotations': {
        args: ['--artifact-type', TYPE, ...annotationArgs(ODD_ANNOTATIONS), 'arm'],
        options: { artifactType: TYPE, annotations: ODD_ANNOTATIONS, manifests: ['arm'] },
      },
    };

    for (const [name, { args, options }] of Object.entries(creations)) {
      it(name, async () => {
        await orasRun('manifest', 'index', 'create', ...indexPlace('theirs'), ...args);
        const index = await createIndex(layout, { manifests: [], tags: ['ours'], ...options });
        await compare(name, index.bytes);
        assert.equal((await layout.resolve('ours')).digest, index.descriptor.digest);
      });
    }

    const updates: Record<
      string,
      (amd: Digest) => { args: readonly string[]; options: Partial<UpdateIndexOptions> }
    > = {
      'index update: add, remove and merge': (amd) => ({
        args: ['--add', 'arm', '--add', 'old', '--remove', amd, '--merge', 'inner'],
        options: { add: ['arm', 'old'], remove: [amd], merge: ['inner'] },
      }),
      'index update: another type': () => ({
        args: ['--artifact-type', 'application/vnd.example.other'],
        options: { artifactType: 'application/vnd.example.other' },
      }),
      'index update: no type any more': () => ({
        args: ['--merge', 'inner', '--artifact-type', ''],
        options: { merge: ['inner'], artifactType: '' },
      }),
    };

    for (const [name, update] of Object.entries(updates)) {
      it(name, async () => {
        const base = await layout.readManifest('base');
        for (const tag of ['theirs', 'ours']) await layout.tag(base, tag);
        const { args, options } = update((await layout.resolve('amd')).digest);
        await orasRun('manifest', 'index', 'update', ...indexPlace('theirs'), ...args);
        await compare(name, (await updateIndex(layout, 'ours', { tags: ['ours'], ...options })).bytes);
      });
    }

    it('index update: refuses to remove what is not in it, and to update what is no index', async () => {
      const { digest } = await layout.resolve('arm');
      await assert.rejects(orasRun('manifest', 'index', 'update', ...indexPlace('base'), '--remove', digest));
      await assert.rejects(updateIndex(layout, 'base', { remove: [digest], tags: [] }), /is not in it/);
      await assert.rejects(orasRun('manifest', 'index', 'update', ...indexPlace('arm'), '--add', 'amd'));
      await assert.rejects(updateIndex(layout, 'arm', { add: ['amd'], tags: [] }), /it is no index/);
    });
  });
});
