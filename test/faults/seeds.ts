import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { annotationKeys } from '../../src/oci/annotations';
import { attach } from '../../src/operations/attach';
import { createIndex } from '../../src/operations/imageIndex';
import { push } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import type { Repository } from '../../src/targets/registry/repository';

const CREATED = '2025-01-02T03:04:05Z';
const DATA_BYTES = 90_000;

export const artifactType = 'application/vnd.example.faults.v1';
export const noteType = 'application/vnd.example.note.v1';

/** Annotations that make the same digest at any time. */
export function pinned(text: string): Readonly<Record<string, string>> {
  return { [annotationKeys.created]: CREATED, 'com.example.text': text };
}

/** Writes what is pushed: three files, one of them empty, and a folder. */
export async function writeInput(folder: string): Promise<void> {
  const files: Readonly<Record<string, Buffer>> = {
    'a.txt': Buffer.from('some text\n'),
    'data.bin': Buffer.from(Array.from({ length: DATA_BYTES }, (_, index) => (index * 7919) % 251)),
    'empty.txt': Buffer.alloc(0),
    'docs/one.md': Buffer.from('# One\n'),
    'docs/deep/two.md': Buffer.from('# Two\n'.repeat(500)),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const full = path.join(folder, name);
    await mkdir(path.dirname(full), { recursive: true });
    await writeFile(full, bytes);
    await utimes(full, new Date(CREATED), new Date(CREATED));
  }
  for (const name of ['docs/deep', 'docs'])
    await utimes(path.join(folder, name), new Date(CREATED), new Date(CREATED));
}

/** Files of the input by their names. */
export function filesOf(input: string, ...titles: readonly string[]) {
  return titles.map((title) => ({ title, path: path.join(input, title) }));
}

/** Fills the repository that cases read: an artifact with an attachment that is attached to, another one, and an index of both. */
export async function seed(target: Repository, input: string, temporaryFolder: string): Promise<void> {
  const source = new LocalFiles({ temporaryFolder });
  const files = filesOf(input, 'a.txt', 'data.bin', 'docs');
  await push(source, target, { files, artifactType, tags: ['v1'], annotations: pinned('v1') });
  await push(source, target, {
    files: filesOf(input, 'a.txt'),
    artifactType,
    tags: ['v2'],
    annotations: pinned('v2'),
  });
  const note = (text: string, to: string) =>
    attach(source, target, to, { artifactType: noteType, files: [], annotations: pinned(text) });
  const first = await note('first', 'v1');
  await note('second', first.descriptor.digest);
  await createIndex(target, { manifests: ['v1', 'v2'], tags: ['both'], annotations: pinned('both') });
  await source.dispose();
}
