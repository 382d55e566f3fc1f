import * as vscode from 'vscode';
import { countOf } from '../host/countOf';
import { logError } from '../host/log';
import { showInformation, showWarning } from '../host/messages';
import { formatBytes, withByteProgress, type Job } from '../host/progress';
import { targetOf } from '../host/rowTarget';
import { showError } from '../host/showError';
import { isLayoutHost, layoutPath, layoutPlace } from '../oci/layoutPlace';
import { formatReference, type Reference } from '../oci/reference';
import type { Reader, Writer } from '../oci/target';
import { copyTags, type CopyTagsResult } from '../operations/copyTags';
import { DryRun } from '../operations/dryRun';
import { askLayout } from './askLayout';
import { askRepository } from './askRepository';
import { askTags, type TagsAnswer } from './askTags';
import { askTransferOptions, type TransferOption } from './askTransferOptions';
import { attempt } from './attempt';
import { destinationOf } from './destinationOf';
import { dryRunSummary, dryRunText } from './dryRunText';
import { keptSignatures } from './keptSignatures';
import { sayLeftOutTags, SHOW_LOG, showLogIf } from './leftOut';
import type { Command, Services } from './services';
import { showInTree } from './showInTree';

/**
 * Copies the tags of an OCI layout folder or `.tar` into a repository, as `oras restore` does. Called with a file of
 * the Explorer or a layout's row, it asks where to; with a registry's or repository's row, from where.
 */
export const restore: Command = async (services, row) => {
  const known = layoutOf(row);
  const file = known ?? (await askLayout(services, 'Restore: from which OCI layout'));
  if (!file) return;
  const title = `Restore ${file}: to which repository`;
  const destination = await askRepository(services, known ? undefined : row, title);
  if (destination) await askAndRestore(services, { file, destination });
};

interface Asked {
  readonly file: string;
  readonly destination: Reference;
}

/** What is restored, and where to. */
export type RestoreJob = Asked & TagsAnswer & { readonly referrers: boolean };

const OPTIONS: readonly TransferOption<'dryRun'>[] = [
  { key: 'dryRun', label: 'Dry run', detail: 'Shows what would be sent, and sends nothing' },
];

function layoutOf(row: unknown): string | undefined {
  if (row instanceof vscode.Uri) return row.fsPath;
  const { host, repository } = targetOf(row) ?? {};
  return host && repository && isLayoutHost(host) ? layoutPath({ host, name: repository }) : undefined;
}

async function askAndRestore(services: Services, asked: Asked): Promise<void> {
  const { file } = asked;
  try {
    const tags = await askTags(`Restore ${file}`, sourceOf(services, file));
    const chosen = tags && (await askTransferOptions(`Restore ${file}`, OPTIONS));
    if (!chosen) return;
    const job = { ...asked, ...tags, referrers: chosen.has('referrers') };
    await (chosen.has('dryRun') ? showDryRun(services, job) : restoreTo(services, job));
  } catch (error) {
    const retry = () => askAndRestore(services, asked);
    await showError(services.log, error, { what: `${file} was not restored`, retry });
  }
}

function sourceOf(services: Services, file: string) {
  const { host, name } = layoutPlace(file);
  return services.openRegistry(host).repository(name);
}

/** Restores, says what came of it and shows it in the sidebar. */
export async function restoreTo(services: Services, job: RestoreJob): Promise<void> {
  const { file, destination } = job;
  try {
    const result = await run(services, job);
    void announce(services, job, result);
    await showInTree(services, destination).catch((error: unknown) =>
      logError(services.log, 'Not shown in the sidebar', error),
    );
  } catch (error) {
    const retry = () => restoreTo(services, job);
    const host = destination.registry;
    await showError(services.log, error, { what: `${file} was not restored`, host, retry });
  }
}

function run(services: Services, job: RestoreJob): Promise<CopyTagsResult> {
  const { file, destination } = job;
  const way = `${file} to ${formatReference(destination)}`;
  const during = `Restoring ${way}`;
  const registry = services.openRegistry(destination.registry, { during });
  const transfer = { kind: 'restore', title: `Restore ${way}`, job } as const;
  return withByteProgress(during, (progress) =>
    services.transfers.run(transfer, progress, ({ signal, onProgress }) => {
      const to = destinationOf(registry, destination.repository, signal);
      return send(services, job, { signal, onProgress, to });
    }),
  );
}

function send(
  services: Services,
  { file, tags, referrers }: RestoreJob,
  { to, ...progress }: Job & { readonly to: Reader & Writer },
): Promise<CopyTagsResult> {
  const { concurrency } = services.settings;
  const options = { referrers, concurrency, ...progress };
  return copyTags(sourceOf(services, file), to, { ...options, ...(tags && { tags }) });
}

/** The same walk to a destination that writes nothing; what it would have sent is shown, and may then be sent. */
async function showDryRun(services: Services, job: RestoreJob): Promise<void> {
  const { file, destination } = job;
  const what = `No dry run of a restore to ${formatReference(destination)}`;
  await attempt(services, { what, host: destination.registry }, async () => {
    const during = `Dry run: restore of ${file} to ${formatReference(destination)}`;
    const registry = services.openRegistry(destination.registry, { during });
    const to = new DryRun(registry.repository(destination.repository));
    const result = await withByteProgress(during, (progress) => send(services, job, { ...progress, to }));
    await services.texts.open({ name: 'dry-run.txt', text: dryRunText(during, to, result) });
    void offerRestore(services, job, `Dry run: ${dryRunSummary(to)}. Nothing was sent.`);
  });
}

async function offerRestore(services: Services, job: RestoreJob, message: string): Promise<void> {
  const chosen = await showInformation(message, 'Restore');
  if (chosen === 'Restore') await restoreTo(services, job);
}

async function announce(
  services: Services,
  { file, destination, referrers }: RestoreJob,
  result: CopyTagsResult,
): Promise<void> {
  const sent = result.tags.reduce((sum, tag) => sum + tag.referrers, 0);
  const along = referrers ? ` and ${countOf(sent, 'referrer')}` : '';
  const sizes = `${formatBytes(result.pushedBytes)} sent, ${formatBytes(result.skippedBytes)} already there`;
  const message = `Restored ${countOf(result.tags.length, 'tag')}${along} of ${file} to ${formatReference(destination)} (${sizes}).${keptSignatures(result.keptSignatureTags)}`;
  const leftOut = sayLeftOutTags(services, `Restore of ${file}`, result);
  if (leftOut) await showLogIf(await showWarning(message + leftOut, SHOW_LOG));
  else await showInformation(message);
}
