import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { orasPushCommand } from '../../src/oci/orasCommand';
import { parsePlatform } from '../../src/oci/platform';
import type { PushDefinition } from '../../src/oci/pushDefinition';
import { previewPush } from '../../src/operations/previewPush';
import { push, type PushOptions } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { peerOrSkip } from '../support/peers';
import { testTransport } from '../support/testTransport';

const run = promisify(execFile);
const CREATED = '2024-05-06T07:08:09Z';
const TYPE = 'application/vnd.example.preview.v1';

/** Modes without an annotation file: it would have to be read. */
type Mode = Omit<PushDefinition, 'to' | 'created' | 'annotationFile'>;

const modes: Readonly<Record<string, Mode>> = {
  'a file with a type and odd letters in its name': {
    files: [{ path: "it's <one>.txt", mediaType: 'text/plain' }],
    artifactType: TYPE,
    annotations: { 'com.example.odd': '$(id) `id` "<&>" \'ü\'', empty: '' },
  },
  'a config, image-spec v1.0': {
    files: [{ path: 'b.txt' }],
    config: { path: 'config.json', mediaType: 'application/vnd.example.config.v1+json' },
    imageSpec: 'v1.0',
  },
  'annotations alone': { files: [], artifactType: TYPE, annotations: { a: 'b' } },
  'a platform': { files: [{ path: 'b.txt' }], artifactPlatform: 'linux/arm/v7', force: true },
};

describe('The preview of a push', function () {
  this.timeout(60_000);
  let oras: string;
  let folder: string;
  let registry: LocalRegistry;

  before(async function () {
    oras = peerOrSkip(this, 'oras');
    folder = await mkdtemp(path.join(tmpdir(), 'push-preview-'));
    registry = await startLocalRegistry({ root: path.join(folder, 'registry'), port: 0 });
    for (const name of ["it's <one>.txt", 'b.txt', 'config.json'])
      await writeFile(path.join(folder, name), `{"text of": "${name}"}`);
  });
  after(async () => {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const at = (name: string) => path.join(folder, name);
  const optionsOf = ({ artifactPlatform, config, files, ...rest }: Mode): Omit<PushOptions, 'tags'> => ({
    ...rest,
    created: CREATED,
    files: files.map((file) => ({ ...file, path: at(file.path), title: file.path })),
    ...(config && { config: { ...config, path: at(config.path) } }),
    ...(artifactPlatform && { artifactPlatform: parsePlatform(artifactPlatform) }),
  });

  for (const [name, mode] of Object.entries(modes)) {
    it(`has the digest of the push, and of the command line that is shown beside it: ${name}`, async () => {
      const host = `${registry.host}:${registry.port}`;
      const repository = new Registry(host, testTransport()).repository('preview/app');
      const to = `${host}/preview/app:oras,second`;
      const definition = { ...mode, to, created: CREATED };
      const source = new LocalFiles();
      const options = optionsOf(mode);
      const preview = await previewPush(source, options);
      const pushed = await push(source, repository, { ...options, tags: ['ours'] });
      assert.equal(preview.manifest.descriptor.digest, pushed.descriptor.digest);
      const { line, beyond } = orasPushCommand(definition);
      assert.deepEqual(beyond, []);
      const env = { ...process.env, PATH: `${path.dirname(oras)}:${process.env['PATH']}` };
      await run('/bin/sh', ['-c', `${line} --plain-http`], { cwd: folder, env });
      for (const tag of ['oras', 'second'])
        assert.equal((await repository.resolve(tag)).digest, preview.manifest.descriptor.digest);
    });
  }
});
