import * as vscode from 'vscode';
import { formatBytes, withByteProgress, type Job } from '../host/progress';
import { remember } from '../host/recent';
import { manifestTargetOf, referenceOf } from '../host/rowTarget';
import { showError } from '../host/showError';
import { formatReference, type Reference } from '../oci/reference';
import type { ConflictPolicy, FileSink } from '../oci/target';
import { planPull, type PullPlan } from '../operations/planPull';
import { pull } from '../operations/pull';
import { askReference } from './askReference';
import type { Command, Services } from './services';

const CONFLICTS_SHOWN = 10;

/** Pulls a row's artifact, or one that is typed, into a folder. */
export const pullArtifact: Command = async (services, row) => {
  const target = manifestTargetOf(row);
  const reference = target
    ? referenceOf(target)
    : await askReference(services, { title: 'Pull OCI artifact: from where', needs: 'tagOrDigest' });
  if (!reference) return;
  if (!target) await remember(services.state, 'reference', formatReference(reference));
  const folder = await askFolder(reference);
  if (folder) await pullInto(services, reference, folder);
};

async function pullInto(services: Services, reference: Reference, folder: vscode.Uri): Promise<void> {
  try {
    await planAndPull(services, reference, folder);
  } catch (error) {
    await showError(services.log, error, {
      what: `Pull of ${formatReference(reference)} failed`,
      host: reference.registry,
      retry: () => pullInto(services, reference, folder),
    });
  }
}

async function planAndPull(services: Services, reference: Reference, folder: vscode.Uri): Promise<void> {
  const { plan, written } = await withByteProgress(titleOf(reference), (job) =>
    run(services, { reference, folder }, job),
  );
  if (plan.files.length === 0) void explainEmpty(reference, plan);
  else if (written) void announce(written, plan, folder);
}

function titleOf(reference: Reference): string {
  return `Pulling ${formatReference(reference)}`;
}

/** `written` is left out when there was nothing to pull, or the question about existing files was cancelled. */
interface Outcome {
  readonly plan: PullPlan;
  readonly written?: readonly string[];
}

async function run(
  services: Services,
  { reference, folder }: { readonly reference: Reference; readonly folder: vscode.Uri },
  { signal, onProgress }: Job,
): Promise<Outcome> {
  const during = titleOf(reference);
  const source = services.openRegistry(reference.registry, { during }).repository(reference.repository);
  const plan = await planPull(source, reference.digest ?? reference.tag ?? 'latest', { signal });
  if (plan.files.length === 0) return { plan };
  const sink = services.newFileSink(folder.fsPath);
  const policy = await askPolicy(sink, plan, folder);
  if (!policy) return { plan };
  const { concurrency } = services.settings;
  return {
    plan,
    written: (await pull(source, plan, sink, { policy, concurrency, signal, onProgress })).written,
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
  const detail = [...conflicts.slice(0, CONFLICTS_SHOWN), ...more].join('\n');
  const message = `${countOf(conflicts.length, 'item')} of this artifact ${conflicts.length === 1 ? 'exists' : 'exist'} in ${folder.fsPath} already.`;
  const chosen = await vscode.window.showWarningMessage(
    message,
    { modal: true, detail },
    'Overwrite',
    'Keep existing',
  );
  if (chosen === 'Overwrite') return 'overwrite';
  return chosen === 'Keep existing' ? 'keep' : undefined;
}

async function askFolder(reference: Reference): Promise<vscode.Uri | undefined> {
  const defaultUri = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showOpenDialog({
    title: `Pull ${formatReference(reference)} into a folder`,
    openLabel: 'Pull here',
    canSelectFiles: false,
    canSelectFolders: true,
    ...(defaultUri?.scheme === 'file' && { defaultUri }),
  });
  return chosen?.[0];
}

async function explainEmpty(reference: Reference, { skipped }: PullPlan): Promise<void> {
  const why =
    skipped.length > 0
      ? `Its ${countOf(skipped.length, 'layer')} ${skipped.length === 1 ? 'has' : 'have'} no title, so there is no file name to write to.`
      : 'It has no files.';
  await vscode.window.showInformationMessage(`Nothing to pull from ${formatReference(reference)}. ${why}`);
}

async function announce(written: readonly string[], plan: PullPlan, folder: vscode.Uri): Promise<void> {
  const left =
    plan.skipped.length > 0 ? ` ${countOf(plan.skipped.length, 'layer')} without a title left out.` : '';
  const message = `Pulled ${countOf(written.length, 'file')} (${formatBytes(plan.totalBytes)}) into ${folder.fsPath}.${left}`;
  const inWorkspace = vscode.workspace.getWorkspaceFolder(folder) !== undefined;
  const action = inWorkspace ? 'Show in Explorer' : 'Open folder';
  const chosen = await vscode.window.showInformationMessage(message, action);
  if (chosen === 'Show in Explorer') await vscode.commands.executeCommand('revealInExplorer', folder);
  if (chosen === 'Open folder')
    await vscode.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: true });
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
