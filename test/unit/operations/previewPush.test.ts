import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InvalidContentError } from '../../../src/oci/errors';
import type { Progress } from '../../../src/oci/progress';
import { previewPush, type PreviewOptions } from '../../../src/operations/previewPush';
import { push } from '../../../src/operations/push';
import { LocalFiles } from '../../../src/targets/folder/localFiles';
import { MemoryTarget } from '../../../src/targets/memory';

describe('previewPush', () => {
  let folder: string;
  let source: LocalFiles;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'preview-test-'));
    source = new LocalFiles({ temporaryFolder: folder, reuse: true });
    await mkdir(path.join(folder, 'tree'));
    for (const name of ['a', 'tree/x', 'config.json'])
      await writeFile(path.join(folder, name), `text of ${name}`);
  });
  after(async () => {
    await source.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const at = (name: string) => path.join(folder, name);
  const base = (): PreviewOptions => ({
    created: '2024-05-06T07:08:09Z',
    files: ['a', 'tree'].map((title) => ({ path: at(title), title })),
  });

  const ways: Readonly<Record<string, () => Partial<PreviewOptions>>> = {
    'files and a folder': () => ({}),
    'no files': () => ({ files: [] }),
    'a config, image-spec v1.0': () => ({ config: { path: at('config.json') }, imageSpec: 'v1.0' }),
    annotations: () => ({ annotations: { a: '<&>' }, configAnnotations: { b: 'ü' } }),
    'an annotation file': () => ({
      annotationFile: { manifest: { m: '1' }, config: {}, files: new Map([['a', { f: '2' }]]) },
    }),
  };
  for (const [name, options] of Object.entries(ways)) {
    it(`shows the very manifest that a push writes: ${name}`, async () => {
      const all = { ...base(), ...options() };
      const preview = await previewPush(source, all);
      const target = new MemoryTarget();
      const pushed = await push(source, target, { ...all, tags: ['v1'] });
      assert.deepEqual(preview.manifest, pushed.manifest);
      assert.equal(preview.contentBytes + preview.manifest.bytes.length, pushed.pushedBytes);
      assert.equal(preview.layers.length, all.files.length);
    });
  }

  it('counts each byte once, up to the end of the bar', async () => {
    const seen: Progress[] = [];
    await previewPush(new LocalFiles({ temporaryFolder: folder }), {
      ...base(),
      onProgress: (now) => seen.push(now),
    });
    const last = seen.at(-1);
    assert.equal(last?.totalBytes, 'text of a'.length + 'text of tree/x'.length);
    assert.equal(last?.doneBytes, last?.totalBytes);
  });

  it('refuses what a push refuses, before anything is read', async () => {
    const missing = { ...base(), files: [{ path: at('missing'), title: 'x' }], artifactType: 'no type' };
    await assert.rejects(previewPush(source, missing), InvalidContentError);
  });
});
