import { showInformation, showWarning } from '../host/messages';
import { manifestTargetOf, referenceText, type ManifestTarget } from '../host/rowTarget';
import { showError } from '../host/showError';
import type { Descriptor } from '../oci/descriptor';
import type { RepositoryTarget } from '../oci/registryTarget';
import { repositoryOf } from './askManifest';
import type { Command } from './services';

/** Removes one tag and says what stays. */
export const untag: Command = async (services, row) => {
  const target = manifestTargetOf(row);
  if (!target?.tag) return;
  const text = referenceText(target);
  try {
    const repository = repositoryOf(services, target, `Removing the tag ${text}`);
    const descriptor = await repository.resolve(target.tag);
    if (!(await confirm(target, descriptor))) return;
    await repository.untag(target.tag);
    services.tree.refreshHost(target.host);
    await report(text, descriptor, repository);
  } catch (error) {
    const retry = () => untag(services, row);
    await showError(services.log, error, { what: `${text} was not removed`, host: target.host, retry });
  }
};

async function confirm(target: ManifestTarget, { digest }: Descriptor): Promise<boolean> {
  const detail = `Only this tag goes. The manifest ${digest} stays, with any other tag on it, and can be pulled by its digest.`;
  const message = `Remove the tag ${referenceText(target)}?`;
  return (await showWarning(message, { modal: true, detail }, 'Remove')) === 'Remove';
}

/** Some registries drop a manifest with its last tag: that is looked up, not promised. */
async function report(text: string, descriptor: Descriptor, repository: RepositoryTarget): Promise<void> {
  if (await repository.exists(descriptor)) {
    void showInformation(`Removed the tag ${text}. ${descriptor.digest} stays.`);
  } else {
    const message = `Removed the tag ${text}. The registry dropped ${descriptor.digest} with it.`;
    void showWarning(message);
  }
}
