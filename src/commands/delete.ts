import { showInformation, showWarning } from '../host/messages';
import { withProgress } from '../host/progress';
import { manifestTargetOf, referenceText, tagOrDigest, type ManifestTarget } from '../host/rowTarget';
import { planDelete, type DeletePlan } from '../operations/planDelete';
import { repositoryOf } from './askManifest';
import { attempt } from './attempt';
import { deletionDetail } from './deletionDetail';
import type { Command, Services } from './services';

/** Deletes a manifest after saying what goes with it: every tag on it, and what refers to it. */
export const deleteArtifact: Command = async (services, row) => {
  const target = manifestTargetOf(row);
  if (!target) return;
  const text = referenceText(target);
  await attempt(services, { what: `${text} was not deleted`, host: target.host }, async () => {
    const plan = await lookAhead(services, target);
    if (!(await confirm(text, plan, target.tag))) return;
    await repositoryOf(services, target, `Deleting ${text}`).remove(plan.descriptor);
    services.tree.refreshHost(target.host);
    void showInformation(`Deleted ${text} (${plan.descriptor.digest}).`);
  });
};

function lookAhead(services: Services, target: ManifestTarget): Promise<DeletePlan> {
  const { concurrency } = services.settings;
  const during = `Looking for what goes with ${referenceText(target)}`;
  return withProgress(during, ({ signal, report }) =>
    planDelete(repositoryOf(services, target, during), tagOrDigest(target), {
      signal,
      concurrency,
      onProgress: ({ doneBytes, totalBytes }) => report(`${doneBytes} of ${totalBytes} tags`),
    }),
  );
}

async function confirm(text: string, plan: DeletePlan, tag: string | undefined): Promise<boolean> {
  const message = `Delete ${text}?`;
  const options = { modal: true, detail: deletionDetail(plan, tag) };
  return (await showWarning(message, options, 'Delete')) === 'Delete';
}
