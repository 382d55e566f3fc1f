import { countOf } from '../host/countOf';
import { prettyJson } from '../host/jsonText';
import { showInformation } from '../host/messages';
import { parseManifest } from '../oci/manifest';
import type { ManifestContent } from '../oci/target';
import { movesOf } from './confirmMoves';
import { sendManifest } from './sendManifest';
import type { Services } from './services';

/** An index that is ready, and where it goes. */
export interface IndexToPush {
  readonly host: string;
  readonly repository: string;
  readonly tags: readonly string[];
  readonly index: ManifestContent;
}

/** Shows an index as a document, and pushes it after a yes. Errors: those of the registry. */
export async function pushIndex(services: Services, job: IndexToPush): Promise<void> {
  const { host, repository, tags, index } = job;
  const { descriptor, bytes } = index;
  const during = `Pushing the index to ${host}/${repository}`;
  const target = services.openRegistry(host, { during }).repository(repository);
  await services.texts.open({
    name: 'index-preview.json',
    text: prettyJson(Buffer.from(bytes).toString('utf8')),
  });
  const moves = await movesOf(target, { tags, digest: descriptor.digest });
  if (!(await confirm(job, moves))) return;
  const { mediaType } = descriptor;
  const base64 = Buffer.from(bytes).toString('base64');
  await sendManifest(services, { noun: 'index', host, repository, tags, mediaType, base64 });
}

async function confirm(
  { host, repository, tags, index }: IndexToPush,
  moves: readonly string[],
): Promise<boolean> {
  const { manifests } = parseManifest(index.bytes, index.descriptor.mediaType);
  const names = tags.length > 0 ? ` as ${tags.join(', ')}` : '';
  const message = `Push this index of ${countOf(manifests.length, 'manifest')} to ${host}/${repository}${names}?`;
  const detail = [`Digest: ${index.descriptor.digest}`, ...moves].join('\n');
  return (await showInformation(message, { modal: true, detail }, 'Push')) === 'Push';
}
