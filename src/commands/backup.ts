import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { countOf } from '../host/countOf';
import { showInformation, showWarning } from '../host/messages';
import { formatBytes, withByteProgress } from '../host/progress';
import { showError } from '../host/showError';
import type { TransferWay } from '../host/transfers';
import { layoutPlace } from '../oci/layoutPlace';
import { formatReference, type Reference } from '../oci/reference';
import { copyTags, type CopyTagsResult } from '../operations/copyTags';
import { askRepository } from './askRepository';
import { askTags, type TagsAnswer } from './askTags';
import { askTransferOptions } from './askTransferOptions';
import { sayLeftOutTags, SHOW_LOG, showLogIf } from './leftOut';
import type { Command, Services } from './services';
import { showInTree } from './showInTree';

/** Writes a repository's tags, all or chosen, to an OCI layout folder or a `.tar` of one, as `oras backup` does. */
export const backup: Command = async (services, row) => {
  const source = await askRepository(services, row, 'Back up: repository');
  if (source) await askAndBackup(services, source);
};

/** What is backed up, and where to. */
export type BackupJob = TagsAnswer & {
  readonly source: Reference;
  readonly referrers: boolean;
  readonly file: string;
};

async function askAndBackup(services: Services, source: Reference): Promise<void> {
  const text = formatReference(source);
  try {
    const during = `Reading the tags of ${text}`;
    const repository = services.openRegistry(source.registry, { during }).repository(source.repository);
    const tags = await askTags(`Back up ${text}`, repository);
    const chosen = tags && (await askTransferOptions(`Back up ${text}`));
    if (!chosen) return;
    const referrers = chosen.has('referrers');
    const file = await askFile(source);
    if (file) await backupTo(services, { source, ...tags, referrers, file: file.fsPath });
  } catch (error) {
    const retry = () => askAndBackup(services, source);
    await showError(services.log, error, { what: `Backup of ${text} failed`, host: source.registry, retry });
  }
}

function askFile({ repository }: Reference): Thenable<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const base = folder?.scheme === 'file' ? folder : vscode.Uri.file(os.homedir());
  return vscode.window.showSaveDialog({
    title: 'Back up to a folder, or to one file with a name that ends in .tar',
    saveLabel: 'Back up',
    defaultUri: vscode.Uri.joinPath(base, `${path.posix.basename(repository)}-backup`),
  });
}

/** Backs up, and says what came of it. */
export async function backupTo(services: Services, job: BackupJob): Promise<void> {
  const text = formatReference(job.source);
  try {
    const during = `Backing up ${text} to ${job.file}`;
    const transfer = { kind: 'backup', title: `Back up ${text} to ${job.file}`, job } as const;
    const result = await withByteProgress(during, (progress) =>
      services.transfers.run(transfer, progress, (way) => run(services, { ...job, during }, way)),
    );
    void announce(services, job, result);
  } catch (error) {
    const retry = () => backupTo(services, job);
    const host = job.source.registry;
    await showError(services.log, error, { what: `Backup of ${text} failed`, host, retry });
  }
}

async function run(
  services: Services,
  { source, tags, referrers, file, during }: BackupJob & { readonly during: string },
  { signal, onProgress, keeper }: TransferWay,
): Promise<CopyTagsResult> {
  const from = services.openRegistry(source.registry, { during }).repository(source.repository);
  const to = await services.newBackup(file, keeper);
  let doneBytes = 0;
  let totalBytes = 0;
  try {
    const { concurrency } = services.settings;
    const options = { referrers, concurrency, signal, onProgress };
    const result = await copyTags(from, to.content, { ...options, ...(tags && { tags }) });
    await to.finish({
      signal,
      onSize: (sizeBytes) => (totalBytes = sizeBytes),
      onBytes: (bytes) => onProgress({ doneBytes: (doneBytes += bytes), totalBytes, current: 'Packing' }),
    });
    return result;
  } finally {
    await to.discard();
  }
}

async function announce(services: Services, job: BackupJob, result: CopyTagsResult): Promise<void> {
  const { source, file } = job;
  const referrers = result.tags.reduce((sum, tag) => sum + tag.referrers, 0);
  const along = job.referrers ? ` and ${countOf(referrers, 'referrer')}` : '';
  const what = `${countOf(result.tags.length, 'tag')}${along}`;
  const message = `Backed up ${what} of ${formatReference(source)} (${formatBytes(result.pushedBytes)}) to ${file}.`;
  const leftOut = sayLeftOutTags(services, `Backup of ${formatReference(source)}`, result);
  const buttons = ['Show in sidebar', 'Show on disk'];
  const chosen = leftOut
    ? await showWarning(message + leftOut, SHOW_LOG, ...buttons)
    : await showInformation(message, ...buttons);
  await showLogIf(chosen);
  if (chosen === 'Show in sidebar') await showInTree(services, placeOf(file));
  if (chosen === 'Show on disk')
    await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(file));
}

function placeOf(file: string): Reference {
  const { host, name } = layoutPlace(file);
  return { registry: host, repository: name };
}
