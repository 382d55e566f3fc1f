import { showInformation } from '../host/messages';
import type { RegistryTarget } from '../oci/registryTarget';
import type { Reader, Writer } from '../oci/target';
import { CreatedOnDemand } from '../operations/createdOnDemand';

/** Where the registry does not make a repository by itself, the user is asked in the midst of the job. */
export function destinationOf(registry: RegistryTarget, name: string, signal: AbortSignal): Reader & Writer {
  const repository = registry.repository(name);
  if (!registry.profile.needsRepository) return repository;
  return new CreatedOnDemand(repository, async () => {
    const question = `The repository ${name} does not exist in ${registry.host}. Create it?`;
    const answer = await showInformation(question, 'Create repository');
    signal.throwIfAborted();
    if (answer === undefined) return false;
    await registry.createRepository(name, { signal });
    return true;
  });
}
