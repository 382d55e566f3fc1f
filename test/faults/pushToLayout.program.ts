// pushToLayout LAYOUT FOLDER NAME COUNT: pushes the files of a folder again and again, each time under a tag of its own.
import { readdir } from 'node:fs/promises';
import { push } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { filesOf } from './seeds';

const [layout = '', folder = '', name = '', count = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const files = filesOf(folder, ...(await readdir(folder)));
  for (let index = 0; index < Number(count); index++) {
    const options = { files, tags: [`${name}-${index}`], annotations: { by: `${name} ${index}` } };
    await push(new LocalFiles(), new OciLayout(layout), {
      ...options,
      artifactType: 'application/vnd.example.many.v1',
    });
  }
}

void main();
