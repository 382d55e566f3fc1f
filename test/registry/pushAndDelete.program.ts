// pushAndDelete HOST REPOSITORY FOLDER NAME COUNT: pushes a file that all share and one that changes, again and again, and
// deletes every other artifact. Prints how often it was told to push again, since what it counted on had been removed.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../src/oci/errors';
import { isLayoutHost } from '../../src/oci/layoutPlace';
import { push, type PushResult } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { LayoutRegistry } from '../../src/targets/layout/layoutRegistry';
import { Registry } from '../../src/targets/registry/registry';
import { testTransport } from '../support/testTransport';

const [host = '', repository = '', folder = '', name = '', count = ''] = process.argv.slice(2);
const REMOVED = /MANIFEST_BLOB_UNKNOWN|push it again/;

const registry = isLayoutHost(host) ? new LayoutRegistry(host) : new Registry(host, testTransport());
const target = registry.repository(repository);
let again = 0;

async function pushOnce(tag: string): Promise<PushResult> {
  const changing = path.join(folder, `${name}.txt`);
  await writeFile(changing, `content of ${tag}`);
  const files = [
    { title: 'shared.txt', path: path.join(folder, 'shared.txt') },
    { title: 'changing.txt', path: changing },
  ];
  return push(new LocalFiles(), target, { files, artifactType: 'application/vnd.example.gc', tags: [tag] });
}

async function pushUntilThere(tag: string): Promise<PushResult> {
  for (;;) {
    try {
      return await pushOnce(tag);
    } catch (error) {
      if (!REMOVED.test(messageOf(error))) throw error;
      again += 1;
    }
  }
}

async function main(): Promise<void> {
  for (let index = 0; index < Number(count); index++) {
    const { descriptor } = await pushUntilThere(`${name}-${index}`);
    if (index % 2 === 1) await target.remove(descriptor);
  }
  process.stdout.write(String(again));
}

void main();
