// attachMany HOST REPOSITORY SUBJECT NAME COUNT: attaches annotations again and again, each in a push of its own.
import { attach } from '../../src/operations/attach';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { testTransport } from '../support/testTransport';

const [host = '', repository = '', subject = '', name = '', count = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const transport = testTransport();
  const target = new Registry(host, transport).repository(repository);
  for (let index = 0; index < Number(count); index++) {
    const annotations = { 'com.example.by': `${name}-${index}` };
    const options = { artifactType: 'application/vnd.example.note', files: [], annotations };
    await attach(new LocalFiles(), target, subject, options);
  }
}

void main();
