import * as vscode from 'vscode';
import { countOf } from '../host/countOf';
import { showInformation, showWarning } from '../host/messages';
import { formatBytes, withByteProgress, type Job } from '../host/progress';
import { remember } from '../host/recent';
import type { NewTransfer } from '../host/transferRecord';
import { kindOf } from '../oci/artifactKinds';
import { formatReference, type Reference } from '../oci/reference';
import type { ConflictPolicy, FileSink, Reader, WaitOptions } from '../oci/target';
import { isFolderItself } from '../oci/title';
import { planPull, type PlanPullOptions, type PullPlan } from '../operations/planPull';
import { pull } from '../operations/pull';
import { attempt } from './attempt';
import { layersElsewhere, sayLeftOut, SHOW_LOG, showLogIf } from './leftOut';
import type { Services } from './services';

const CONFLICTS_SHOWN = 10;
/** Layers of these kinds have a good name even without a title. */
const NAMED_KINDS = new Set(['helmContent', 'sif']);

/** What of an artifact is pulled, beside the whole. */
export type PullChoice = Omit<PlanPullOptions, 'signal'>;

/** What to pull, and where to. */
export interface PullJob {
  readonly reference: Reference;
  readonly folder: vscode.Uri;
  /** Finds the files; all of the artifact by default. */
  readonly plan?: (source: Reader, wait: WaitOptions) => Promise<PullPlan>;
  /** Leaves files that exist as they are, without asking. */
  readonly keepExisting?: boolean;
}

/** Pulls into a folder, and says what came of it. */
export async function pullInto(services: Services, job: PullJob): Promise<void> {
  const { reference, folder } = job;
  const text = formatReference(reference);
  await attempt(services, { what: `Pull of ${text} failed`, host: reference.registry }, async () => {
    const { plan, written } = await withByteProgress(titleOf(job), (progress) =>
      run(services, job, progress),
    );
    const leftOut = sayElsewhere(services, job, plan);
    if (plan.files.length === 0) void explainEmpty(services, job, { plan, leftOut });
    else if (written) void announce(written, folder, { plan, leftOut });
    await remember(services.state, 'reference', text);
  });
}

/** A sentence on what the registry does not have, empty where it has all; the log names each. */
function sayElsewhere(services: Services, { reference }: PullJob, { leftOut = [] }: PullPlan): string {
  const layers = layersElsewhere(leftOut.map(({ descriptor }) => descriptor));
  return sayLeftOut(services, `Pull of ${formatReference(reference)}`, { noun: 'layer', leftOut: layers });
}

function titleOf({ reference }: PullJob): string {
  return `Pulling ${formatReference(reference)}`;
}

/** Asks for the folder to pull into. */
export async function askFolder(title: string): Promise<vscode.Uri | undefined> {
  const defaultUri = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showOpenDialog({
    title,
    openLabel: 'Pull here',
    canSelectFiles: false,
    canSelectFolders: true,
    ...(defaultUri?.scheme === 'file' && { defaultUri }),
  });
  return chosen?.[0];
}

/** How names are found for layers without a title. */
export function untitledNaming({ repository }: Reference): { readonly repository: string } {
  return { repository: repository.slice(repository.lastIndexOf('/') + 1) };
}

/** `written` is left out when there was nothing to pull, or the question about existing files was cancelled. */
interface Outcome {
  readonly plan: PullPlan;
  readonly written?: readonly string[];
}

async function run(services: Services, job: PullJob, { signal, onProgress }: Job): Promise<Outcome> {
  const { reference, folder } = job;
  const during = titleOf(job);
  const source = services.openRegistry(reference.registry, { during }).repository(reference.repository);
  const plan = await (job.plan ?? planWhole(reference))(source, { signal });
  if (plan.files.length === 0) return { plan };
  const policy = job.keepExisting
    ? 'keep'
    : await askPolicy(services.newFileSink(folder.fsPath), plan, folder);
  if (!policy) return { plan };
  const { concurrency } = services.settings;
  const written = await services.transfers.run(
    pullTransfer(job, plan),
    { signal, onProgress },
    async (way) => {
      const sink = services.newFileSink(folder.fsPath, way.keeper);
      return (await pull(source, plan, sink, { ...way, policy, concurrency })).written;
    },
  );
  return { plan, written };
}

/** A pull as it is kept; `folder` is absolute. */
export interface SavedPull extends Pick<PullJob, 'reference' | 'keepExisting'> {
  readonly plan: PullPlan;
  readonly folder: string;
}

/** Pulls what an earlier try planned, and says what came of it. */
export function continuePull(services: Services, { plan, folder, ...job }: SavedPull): Promise<void> {
  return pullInto(services, { ...job, folder: vscode.Uri.file(folder), plan: async () => plan });
}

/** Continued by its plan, which names all by digest: what moved on since is not mixed in. */
function pullTransfer({ reference, folder, keepExisting }: PullJob, plan: PullPlan): NewTransfer {
  const { registry, repository } = reference;
  return {
    kind: 'pull',
    identity: [registry, repository, plan.root.digest, folder.fsPath],
    title: `Pull ${formatReference(reference)}`,
    detail: `Into ${folder.fsPath}`,
    totalBytes: plan.totalBytes,
    job: {
      reference,
      plan,
      folder: folder.fsPath,
      ...(keepExisting && { keepExisting }),
    } satisfies SavedPull,
  };
}

/** Charts and Singularity images have no titles, and are pulled under the names that their own tools give. */
export function planWhole(reference: Reference, choice: PullChoice = {}): NonNullable<PullJob['plan']> {
  const wanted = reference.digest ?? reference.tag ?? 'latest';
  return async (source, wait) => {
    const plan = await planPull(source, wanted, { ...choice, ...wait });
    const hasName = plan.skipped.some(({ mediaType }) => NAMED_KINDS.has(kindOf(mediaType).id));
    if (plan.files.length > 0 || !hasName) return plan;
    return planPull(source, wanted, { ...choice, ...wait, nameUntitled: untitledNaming(reference) });
  };
}

/** Asked once, before anything is written. */
async function askPolicy(
  sink: FileSink,
  plan: PullPlan,
  folder: vscode.Uri,
): Promise<ConflictPolicy | undefined> {
  const conflicts = await sink.conflicts(plan.files);
  if (conflicts.length === 0) return 'overwrite';
  const more = conflicts.length > CONFLICTS_SHOWN ? [`… and ${conflicts.length - CONFLICTS_SHOWN} more`] : [];
  const detail = [...conflicts.slice(0, CONFLICTS_SHOWN).map(shownConflict), ...more].join('\n');
  const message = `${countOf(conflicts.length, 'item')} of this artifact ${conflicts.length === 1 ? 'exists' : 'exist'} in ${folder.fsPath} already.`;
  const chosen = await showWarning(message, { modal: true, detail }, 'Overwrite', 'Keep existing');
  if (chosen === 'Overwrite') return 'overwrite';
  return chosen === 'Keep existing' ? 'keep' : undefined;
}

/** What an archive of the folder itself holds is known only when it is here. */
function shownConflict(title: string): string {
  return isFolderItself(title) ? 'An archive is unpacked into the folder itself, which is not empty.' : title;
}

/** A plan, and a sentence on what of it the registry does not have. */
interface Said {
  readonly plan: PullPlan;
  readonly leftOut: string;
}

/** Layers without titles can be had under other names, for who wants them. */
async function explainEmpty(
  services: Services,
  job: PullJob,
  { plan: { skipped }, leftOut }: Said,
): Promise<void> {
  const { reference } = job;
  const nothing = `Nothing to pull from ${formatReference(reference)}.`;
  if (leftOut) {
    await showLogIf(await showWarning(nothing + leftOut, SHOW_LOG));
    return;
  }
  if (skipped.length === 0) {
    await showInformation(`${nothing} It has no files.`);
    return;
  }
  const why = `Its ${countOf(skipped.length, 'layer')} ${skipped.length === 1 ? 'has' : 'have'} no title, so there is no file name to write to.`;
  const anyway = 'Name files by digest';
  if ((await showInformation(`${nothing} ${why}`, anyway)) !== anyway) return;
  const wanted = reference.digest ?? reference.tag ?? 'latest';
  const nameUntitled = untitledNaming(reference);
  await pullInto(services, {
    ...job,
    plan: (source, wait) => planPull(source, wanted, { ...wait, nameUntitled }),
  });
}

async function announce(
  written: readonly string[],
  folder: vscode.Uri,
  { plan, leftOut }: Said,
): Promise<void> {
  const left =
    plan.skipped.length > 0 ? ` ${countOf(plan.skipped.length, 'layer')} without a title left out.` : '';
  const message = `Pulled ${countOf(written.length, 'file')} (${formatBytes(plan.totalBytes)}) into ${folder.fsPath}.${left}${leftOut}`;
  const inWorkspace = vscode.workspace.getWorkspaceFolder(folder) !== undefined;
  const action = inWorkspace ? 'Show in Explorer' : 'Open folder';
  const chosen = leftOut
    ? await showWarning(message, action, SHOW_LOG)
    : await showInformation(message, action);
  await showLogIf(chosen);
  if (chosen === 'Show in Explorer') await vscode.commands.executeCommand('revealInExplorer', folder);
  if (chosen === 'Open folder')
    await vscode.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: true });
}
