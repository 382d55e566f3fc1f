import { remember } from '../host/recent';
import { manifestTargetOf, type ManifestTarget } from '../host/rowTarget';
import { formatReference } from '../oci/reference';
import type { RepositoryTarget } from '../oci/registryTarget';
import { askReference } from './askReference';
import type { Services } from './services';

/** The manifest of the row that a command came from, or one whose reference is typed. Errors: those of the registry. */
export async function askManifest(
  services: Services,
  row: unknown,
  title: string,
): Promise<ManifestTarget | undefined> {
  const known = manifestTargetOf(row);
  if (known) return known;
  const reference = await askReference(services, { title, needs: 'tagOrDigest' });
  if (!reference) return undefined;
  await remember(services.state, 'reference', formatReference(reference));
  const { registry: host, repository } = reference;
  const during = `Looking for ${formatReference(reference)}`;
  const repositoryTarget = repositoryOf(services, { host, repository }, during);
  const descriptor = reference.digest ? await repositoryTarget.resolve(reference.digest) : undefined;
  return {
    host,
    repository,
    ...(reference.tag && { tag: reference.tag }),
    ...(descriptor && { descriptor }),
  };
}

/** The repository that a manifest is in; `during` says what a person waits for, as `openRegistry` has it. */
export function repositoryOf(
  services: Services,
  { host, repository }: Pick<ManifestTarget, 'host' | 'repository'>,
  during: string,
): RepositoryTarget {
  return services.openRegistry(host, { during }).repository(repository);
}
