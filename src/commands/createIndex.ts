import { withProgress } from '../host/progress';
import { manifestTargetOf, tagOrDigest, type ManifestTarget } from '../host/rowTarget';
import { InvalidContentError } from '../oci/errors';
import { formatReference, type Reference } from '../oci/reference';
import { previewIndex } from '../operations/imageIndex';
import { askAnnotations } from './askAnnotations';
import { askIndexType } from './askIndexType';
import { askRepository } from './askRepository';
import { askTagNames } from './askTagNames';
import { attempt } from './attempt';
import { pushIndex } from './pushIndex';
import type { Command, Services } from './services';

/** Makes an index of the selected manifests, or of those that are typed, and shows it before it is pushed. */
export const createIndexOfRows: Command = async (services, row, selection) => {
  const rows = Array.isArray(selection) ? selection : [row];
  const selected = rows.map(manifestTargetOf).filter((target) => target !== undefined);
  const place = await askPlace(services, row, selected);
  if (!place) return;
  const title = `Create index in ${formatReference(place)}`;
  const manifests = await askTagNames({
    title: `${title} (1/4): manifests`,
    prompt: 'Tags or digests of the manifests, in their order',
    value: selected.map(tagOrDigest).join(' '),
    digests: true,
    least: 1,
  });
  if (!manifests) return;
  const tags = await askTagNames({ title: `${title} (2/4): tags`, prompt: 'Tags of the index', least: 1 });
  const artifactType = tags && (await askIndexType(`${title} (3/4)`));
  if (!tags || artifactType === undefined) return;
  const annotations = await askAnnotations({ title: `${title} (4/4)` });
  if (!annotations) return;
  const { registry: host, repository } = place;
  const what = `No index was made in ${formatReference(place)}`;
  await attempt(services, { what, host }, async () => {
    const during = 'Reading the manifests of the index';
    const source = services.openRegistry(host, { during }).repository(repository);
    const fields = { manifests, annotations, ...(artifactType && { artifactType }) };
    const index = await withProgress(during, ({ signal }) => previewIndex(source, { ...fields, signal }));
    await pushIndex(services, { host, repository, tags, index });
  });
};

/** Errors: InvalidContentError for rows of several repositories: an index lies with its manifests. */
async function askPlace(
  services: Services,
  row: unknown,
  selected: readonly ManifestTarget[],
): Promise<Reference | undefined> {
  const places = new Set(selected.map(({ host, repository }) => `${host}/${repository}`));
  if (places.size > 1)
    throw new InvalidContentError(
      'This selection',
      'an index lies in the repository of its manifests, these lie in several',
    );
  return askRepository(services, row, 'Create index: registry/repository');
}
