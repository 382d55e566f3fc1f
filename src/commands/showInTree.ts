import { SignInRequiredError, UnsupportedError } from '../oci/errors';
import { isLayoutHost, layoutPath } from '../oci/layoutPlace';
import type { Reference } from '../oci/reference';
import type { Services } from './services';

/**
 * Reveals what was written. A registry or layout that was not in the sidebar is added, and a repository that its
 * registry will not list.
 */
export async function showInTree(services: Services, reference: Reference): Promise<void> {
  const { registry, repository } = reference;
  if (isLayoutHost(registry)) await services.layouts.add(layoutPath({ host: registry, name: repository }));
  else await addToSettings(services, reference);
  services.tree.refreshHost(registry);
  await services.tree.reveal(reference);
}

async function addToSettings(services: Services, { registry, repository }: Reference): Promise<void> {
  const known = services.settings.registries.find(({ host }) => host === registry);
  if (!known) await services.settings.updateRegistry({ host: registry });
  if (!(await canList(services, registry)) && !known?.repositories?.includes(repository)) {
    const repositories = [...(known?.repositories ?? []), repository];
    await services.settings.updateRegistry({ host: registry, repositories });
  }
}

async function canList(services: Services, host: string): Promise<boolean> {
  try {
    for await (const name of services.openRegistry(host).repositories({ pageSize: 1 })) return Boolean(name);
    return true;
  } catch (error) {
    return !(error instanceof UnsupportedError || error instanceof SignInRequiredError);
  }
}
