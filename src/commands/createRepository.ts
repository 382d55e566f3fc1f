import { askText } from '../host/askText';
import { showInformation } from '../host/messages';
import { showError } from '../host/showError';
import { repositoryProblem } from '../oci/reference';
import { askHost } from './askHost';
import type { Command, Services } from './services';

/** Makes an empty repository, in registries where a push does not. */
export const createRepository: Command = async (services, row) => {
  const host = await askHost(services, row, 'Create repository: registry');
  if (!host) return;
  const name = await askText({
    title: `Create repository in ${host}`,
    prompt: 'Repository name without the registry, e.g. team/policies',
    ignoreFocusOut: true,
    validateInput: (text) => text && repositoryProblem(text),
  });
  if (name) await create(services, host, name);
};

async function create(services: Services, host: string, name: string): Promise<void> {
  try {
    await services.openRegistry(host, { during: `Creating ${host}/${name}` }).createRepository(name);
    services.tree.refreshHost(host);
    await services.tree.reveal({ registry: host, repository: name });
    void showInformation(`Created the repository ${host}/${name}.`);
  } catch (error) {
    const retry = () => create(services, host, name);
    await showError(services.log, error, { what: `${host}/${name} was not created`, host, retry });
  }
}
