import * as vscode from 'vscode';
import { logError } from '../host/log';
import { showInformation, showWarning } from '../host/messages';
import { formatBytes, withByteProgress } from '../host/progress';
import { remember } from '../host/recent';
import { manifestTargetOf, referenceOf } from '../host/rowTarget';
import type { NewTransfer } from '../host/transferRecord';
import { formatDestination, type Destination } from '../oci/destination';
import type { Digest } from '../oci/digest';
import { formatReference, type Reference } from '../oci/reference';
import { copy, type CopyResult } from '../operations/copy';
import { askDestination } from './askDestination';
import { askPlatforms, type PlatformsAnswer } from './askPlatform';
import { askReference } from './askReference';
import { askTransferOptions, type TransferOption } from './askTransferOptions';
import { attempt } from './attempt';
import { destinationOf } from './destinationOf';
import { keptSignatures } from './keptSignatures';
import { layersElsewhere, sayLeftOut, SHOW_LOG, showLogIf } from './leftOut';
import type { Command, Services } from './services';
import { showInTree } from './showInTree';

/** Copies a row's artifact, or one that is typed, to another repository, registry or OCI layout. */
export const copyArtifact: Command = async (services, row) => {
  const target = manifestTargetOf(row);
  const source = target
    ? referenceOf(target)
    : await askReference(services, { title: 'Copy OCI artifact: from where', needs: 'tagOrDigest' });
  if (!source) return;
  const title = `Copy ${formatReference(source)}`;
  const destination = await askDestination(services, { title: `${title}: to where`, source });
  if (!destination) return;
  await askAndCopy(services, { source, destination, title });
};

interface Asked {
  readonly source: Reference;
  readonly destination: Destination;
  readonly title: string;
}

/** What is copied, where to, and how. Without a digest, what the source's tag stands for by then. */
export type CopyJob = Pick<Asked, 'source' | 'destination'> &
  PlatformsAnswer & { readonly digest?: Digest; readonly referrers: boolean; readonly force: boolean };

const OPTIONS: readonly TransferOption<'force'>[] = [
  {
    key: 'force',
    label: 'Look for every blob',
    detail: 'Sends manifests also where they are there; a registry is asked for each blob in any case',
  },
];

async function askAndCopy(services: Services, asked: Asked): Promise<void> {
  const { source, destination, title } = asked;
  const during = `Reading ${formatReference(source)}`;
  await attempt(services, { what: failureOf(asked), host: source.registry }, async () => {
    const platforms = await askPlatforms({
      job: title,
      source: services.openRegistry(source.registry, { during }).repository(source.repository),
      reference: tagOrDigestOf(source),
      during,
    });
    const chosen = platforms && (await askTransferOptions(title, OPTIONS));
    if (!chosen) return;
    const [referrers, force] = [chosen.has('referrers'), chosen.has('force')];
    await copyTo(services, { source, destination, ...platforms, referrers, force });
  });
}

/** Copies, says what came of it and shows it in the sidebar. */
export async function copyTo(services: Services, job: CopyJob): Promise<void> {
  const { destination } = job;
  await attempt(services, { what: failureOf(job), host: destination.registry }, async () => {
    const result = await run(services, job);
    void announce(services, job, result);
    await remember(services.state, 'destination', formatDestination({ ...destination, tags: [] }));
    await showInTree(services, revealed(destination)).catch((error: unknown) =>
      logError(services.log, 'Not shown in the sidebar', error),
    );
  });
}

function failureOf({ source }: Pick<Asked, 'source'>): string {
  return `Copy of ${formatReference(source)} failed`;
}

async function run(services: Services, job: CopyJob): Promise<CopyResult> {
  const { source, destination, referrers, force, platforms } = job;
  const during = `Copying ${formatReference(source)} to ${formatDestination(destination)}`;
  const from = services.openRegistry(source.registry, { during }).repository(source.repository);
  const registry = services.openRegistry(destination.registry, { during });
  return withByteProgress(during, async (progress) => {
    const digest = job.digest ?? (await from.resolve(tagOrDigestOf(source), progress)).digest;
    return services.transfers.run(copyTransfer({ ...job, digest }), progress, (way) => {
      const to = destinationOf(registry, destination.repository, way.signal);
      const { concurrency } = services.settings;
      const options = { tags: destination.tags, referrers, force, ...(platforms && { platforms }) };
      return copy(from, to, digest, { ...options, ...way, concurrency });
    });
  });
}

/** Continued by the digest: what the tag moved on to since is not mixed in. */
function copyTransfer(job: CopyJob): NewTransfer {
  const title = `Copy ${formatReference(job.source)} to ${formatDestination(job.destination)}`;
  return { kind: 'copy', title, job };
}

async function announce(services: Services, job: CopyJob, result: CopyResult): Promise<void> {
  const { source, destination } = job;
  const { root, pushedBytes, skippedBytes, mountedBytes } = result;
  const mounted = mountedBytes > 0 ? `, ${formatBytes(mountedBytes)} taken within the registry` : '';
  const sizes = `${formatBytes(pushedBytes)} sent${mounted}, ${formatBytes(skippedBytes)} already there`;
  const referrers = job.referrers ? `, referrers sent: ${result.referrers}` : '';
  const kept = keptSignatures(result.keptSignatureTags);
  const message = `Copied ${formatReference(source)} to ${formatDestination(destination)} (${sizes}${referrers}). Digest: ${root.digest}${kept && `.${kept}`}`;
  const leftOut = sayLeftOut(services, `Copy of ${formatReference(source)}`, {
    noun: 'layer',
    leftOut: layersElsewhere(result.elsewhere),
  });
  const buttons = ['Copy reference', 'Open details'];
  const chosen = leftOut
    ? await showWarning(message + leftOut, ...buttons, SHOW_LOG)
    : await showInformation(message, ...buttons);
  await showLogIf(chosen);
  const { registry: host, repository, tags } = destination;
  if (chosen === 'Copy reference')
    await vscode.env.clipboard.writeText(`${host}/${repository}@${root.digest}`);
  if (chosen === 'Open details') {
    const [tag] = tags;
    await services.openDetails({ host, repository, ...(tag ? { tag } : { descriptor: root }) });
  }
}

function revealed({ registry, repository, tags: [tag] }: Destination): Reference {
  return { registry, repository, ...(tag && { tag }) };
}

function tagOrDigestOf({ tag, digest }: Reference): string {
  return digest ?? tag ?? 'latest';
}
