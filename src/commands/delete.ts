import { showInformation, showWarning } from '../host/messages';
import { withProgress } from '../host/progress';
import { manifestTargetOf, referenceText, tagOrDigest, type ManifestTarget } from '../host/rowTarget';
import { kindOf } from '../oci/artifactKinds';
import type { Descriptor } from '../oci/descriptor';
import { shortDigest } from '../oci/digest';
import { planDelete, type DeletePlan } from '../operations/planDelete';
import { repositoryOf } from './askManifest';
import { attempt } from './attempt';
import type { Command, Services } from './services';

const SHOWN = 10;

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

/** What a delete takes along, in words. `tag` is the one that was chosen, and goes without saying. */
export function deletionDetail(plan: DeletePlan, tag?: string): string {
  const { descriptor, referrers } = plan;
  const tags = plan.tags.filter((name) => name !== tag);
  return [
    `The registry deletes the manifest ${descriptor.digest}. This cannot be undone.`,
    ...listed(
      tags,
      tags.length === 1 ? 'This tag on it goes too:' : `These ${tags.length} tags on it go too:`,
    ),
    ...(plan.sawAllTags ? [] : ['There are more tags than were looked at; any of them on it goes too.']),
    ...listed(
      referrers.map(referrerText),
      referrers.length === 1
        ? 'This refers to it and loses its subject:'
        : `These ${referrers.length} refer to it and lose their subject:`,
    ),
  ].join('\n');
}

function listed(lines: readonly string[], heading: string): readonly string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, SHOWN).map((line) => `• ${line}`);
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more`] : [];
  return ['', heading, ...shown, ...more];
}

function referrerText({ artifactType, mediaType, digest }: Descriptor): string {
  const type = artifactType ?? mediaType;
  return `${kindOf(type).name || type} (${shortDigest(digest)})`;
}
