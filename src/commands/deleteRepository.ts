import { showInformation, showWarning } from '../host/messages';
import { targetOf } from '../host/rowTarget';
import { showError } from '../host/showError';
import type { Command, Services } from './services';

/** Deletes a repository with all that is in it, after saying so. */
export const deleteRepository: Command = async (services, row) => {
  const { host, repository } = targetOf(row) ?? {};
  if (!host || !repository) return;
  const text = `${host}/${repository}`;
  try {
    if (!(await confirm(text))) return;
    await services.openRegistry(host, { during: `Deleting ${text}` }).removeRepository(repository);
    await forget(services, host, repository);
    services.tree.refreshHost(host);
    void showInformation(`Deleted the repository ${text}.`);
  } catch (error) {
    const retry = () => deleteRepository(services, row);
    await showError(services.log, error, { what: `${text} was not deleted`, host, retry });
  }
};

async function confirm(text: string): Promise<boolean> {
  const detail =
    'Every tag and every artifact in it goes, with what refers to them (signatures, SBOMs). This cannot be undone.';
  const message = `Delete the repository ${text}?`;
  return (await showWarning(message, { modal: true, detail }, 'Delete')) === 'Delete';
}

/** One that was added by name would stay in the sidebar. */
async function forget({ settings }: Services, host: string, repository: string): Promise<void> {
  const { repositories = [] } = settings.registry(host);
  if (!repositories.includes(repository)) return;
  await settings.updateRegistry({ host, repositories: repositories.filter((name) => name !== repository) });
}
