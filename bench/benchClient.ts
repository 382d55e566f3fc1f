// One push or pull as the extension makes it, as a process of its own: `node benchClient.js push|pull REFERENCE FOLDER`.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseReference } from '../src/oci/reference';
import { planPull } from '../src/operations/planPull';
import { pull } from '../src/operations/pull';
import { push } from '../src/operations/push';
import { FolderSink } from '../src/targets/folder/folderSink';
import { LocalFiles } from '../src/targets/folder/localFiles';
import { Registry } from '../src/targets/registry/registry';
import { createTransport } from '../src/transport/createTransport';

/** What the setting `ociArtifacts.concurrency` is by default. */
const CONCURRENCY = Number(process.env['BENCH_CONCURRENCY'] ?? 5);

async function main([verb, text = '', folder = '']: readonly string[]): Promise<void> {
  const transport = createTransport({
    credentials: { credentialFor: async () => undefined },
    endpointFor: async (host) => ({ host, plainHttp: true, insecure: false }),
    log: () => undefined,
    userAgent: 'oci-artifacts-bench',
  });
  const { registry, repository, tag = '' } = parseReference(text);
  const target = new Registry(registry, transport).repository(repository);
  if (verb === 'push') await pushFolder(target, folder, tag);
  else await pullInto(target, folder, tag);
}

type Target = ReturnType<Registry['repository']>;

async function pushFolder(target: Target, folder: string, tag: string): Promise<void> {
  const source = new LocalFiles();
  const files = (await readdir(folder)).sort().map((title) => ({ path: path.join(folder, title), title }));
  await push(source, target, { files, tags: [tag], concurrency: CONCURRENCY });
  await source.dispose();
}

async function pullInto(target: Target, folder: string, tag: string): Promise<void> {
  const plan = await planPull(target, tag);
  await pull(target, plan, new FolderSink(folder), { policy: 'overwrite', concurrency: CONCURRENCY });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
