import * as vscode from 'vscode';
import { manifestTargetOf, referenceText, tagOrDigest, type ManifestTarget } from '../host/rowTarget';
import { showError } from '../host/showError';
import type { Descriptor } from '../oci/descriptor';
import type { Command } from './services';

/** Deletes a manifest after saying what goes with it. */
export const deleteArtifact: Command = async (services, row) => {
  const target = manifestTargetOf(row);
  if (!target) return;
  const text = referenceText(target);
  try {
    const repository = services.openRegistry(target.host).repository(target.repository);
    const descriptor = await repository.resolve(tagOrDigest(target));
    if (!(await confirm(target, descriptor))) return;
    await repository.remove(descriptor);
    services.tree.refresh();
    void vscode.window.showInformationMessage(`Deleted ${text} (${descriptor.digest}).`);
  } catch (error) {
    const retry = () => deleteArtifact(services, row);
    await showError(services.log, error, { what: `${text} was not deleted`, host: target.host, retry });
  }
};

async function confirm(target: ManifestTarget, { digest }: Descriptor): Promise<boolean> {
  const tags = target.tag
    ? `Every tag that points to it goes, "${target.tag}" and any other.`
    : 'Every tag that points to it goes too.';
  const detail = `The registry deletes the manifest ${digest}. ${tags} What refers to it (signatures, SBOMs) loses its subject. This cannot be undone.`;
  const answer = await vscode.window.showWarningMessage(
    `Delete ${referenceText(target)}?`,
    { modal: true, detail },
    'Delete',
  );
  return answer === 'Delete';
}
