import * as vscode from 'vscode';
import { countOf } from '../host/countOf';
import { logError } from '../host/log';
import { formatBytes, withByteProgress } from '../host/progress';
import { targetOf } from '../host/rowTarget';
import { showError } from '../host/showError';
import { isLayoutHost, layoutPath, layoutPlace } from '../oci/layoutPlace';
import { formatReference, type Reference } from '../oci/reference';
import { copyTags, type CopyTagsResult } from '../operations/copyTags';
import { askLayout } from './askLayout';
import { askReferrers } from './askReferrers';
import { askRepository } from './askRepository';
import { askTags, type TagsAnswer } from './askTags';
import { destinationOf } from './destinationOf';
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

type RestoreJob = Asked & TagsAnswer & { readonly referrers: boolean };

function layoutOf(row: unknown): string | undefined {
  if (row instanceof vscode.Uri) return row.fsPath;
  const { host, repository } = targetOf(row) ?? {};
  return host && repository && isLayoutHost(host) ? layoutPath({ host, name: repository }) : undefined;
}

async function askAndRestore(services: Services, asked: Asked): Promise<void> {
  const { file } = asked;
  try {
    const tags = await askTags(`Restore ${file}`, sourceOf(services, file));
    const referrers = tags && (await askReferrers(`Restore ${file}: with what`));
    if (referrers !== undefined) await restoreTo(services, { ...asked, ...tags, referrers });
  } catch (error) {
    const retry = () => askAndRestore(services, asked);
    await showError(services.log, error, { what: `${file} was not restored`, retry });
  }
}

function sourceOf(services: Services, file: string) {
  const { host, name } = layoutPlace(file);
  return services.openRegistry(host).repository(name);
}

async function restoreTo(services: Services, job: RestoreJob): Promise<void> {
  const { file, destination } = job;
  try {
    const result = await run(services, job);
    announce(job, result);
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
  const { file, destination, tags, referrers } = job;
  const during = `Restoring ${file} to ${formatReference(destination)}`;
  const registry = services.openRegistry(destination.registry, { during });
  return withByteProgress(during, ({ signal, onProgress }) => {
    const to = destinationOf(registry, destination.repository, signal);
    const { concurrency } = services.settings;
    const options = { referrers, concurrency, signal, onProgress };
    return copyTags(sourceOf(services, file), to, { ...options, ...(tags && { tags }) });
  });
}

function announce({ file, destination, referrers }: RestoreJob, result: CopyTagsResult): void {
  const sent = result.tags.reduce((sum, tag) => sum + tag.referrers, 0);
  const along = referrers ? ` and ${countOf(sent, 'referrer')}` : '';
  const sizes = `${formatBytes(result.pushedBytes)} sent, ${formatBytes(result.skippedBytes)} already there`;
  const message = `Restored ${countOf(result.tags.length, 'tag')}${along} of ${file} to ${formatReference(destination)} (${sizes}).`;
  void vscode.window.showInformationMessage(message);
}
