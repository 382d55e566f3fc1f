import { countOf } from '../host/countOf';
import { showInformation, showWarning } from '../host/messages';
import { formatBytes } from '../host/progress';
import type { TransferKind } from '../host/transferRecord';
import type { TransferStatus } from '../host/transfers';
import { parsePushDefinition, type DefinedPush } from '../oci/pushDefinition';
import { attachTo } from './attach';
import { attempt } from './attempt';
import { backupTo } from './backup';
import { pushBlobTo, saveBlobTo } from './blob';
import { copyTo } from './copy';
import { continueTask } from './definitions/definitionTasks';
import { continuePull } from './pullInto';
import { pushDefined } from './pushAndTell';
import { continueChart } from './pushHelmChart';
import { restoreTo } from './restore';
import { sendManifest, type ManifestPush } from './sendManifest';
import type { Command, Services } from './services';

/** By kind, what starts a transfer again; a job is what the kind has kept. */
const CONTINUE: Readonly<Record<TransferKind, (services: Services, job: never) => Promise<unknown>>> = {
  pull: continuePull,
  push: continuePush,
  copy: copyTo,
  backup: backupTo,
  restore: restoreTo,
  attach: attachTo,
  chart: continueChart,
  manifest: continueManifest,
  blob: pushBlobTo,
  save: saveBlobTo,
  pushTask: continueTask,
  pullTask: continueTask,
};

/** Goes on with a transfer that stopped: what is there already is neither fetched nor sent again. */
export const continueTransfer: Command = async (services, row) => {
  const transfer = current(services, row);
  if (!transfer || transfer.state === 'running') return;
  await CONTINUE[transfer.kind](services, transfer.job as never);
};

function continuePush(services: Services, { definition, folder }: DefinedPush): Promise<void> {
  const where = `The push that was kept for ${folder}`;
  return pushDefined(services, { definition: parsePushDefinition(definition, where), folder });
}

function continueManifest(services: Services, push: ManifestPush): Promise<void> {
  const { host, repository } = push;
  const what = `Nothing was pushed to ${host}/${repository}`;
  return attempt(services, { what, host }, () => sendManifest(services, push));
}

/** Stops a transfer that runs; what it has is kept to continue. */
export const cancelTransfer: Command = ({ transfers }, row) => {
  if (isTransfer(row)) transfers.cancel(row.id);
};

/** Takes a transfer off the list; what was received of it goes. */
export const removeTransfer: Command = async (services, row) => {
  const transfer = current(services, row);
  if (!transfer) return;
  const { id, title, keptBytes } = transfer;
  const message = `Remove "${title}"?`;
  const detail = `${formatBytes(keptBytes)} that were received are deleted. It can then only start again from the beginning.`;
  if (keptBytes > 0 && !(await isConfirmed(message, detail))) return;
  if (!(await services.transfers.remove(id))) void showInformation(`"${title}" runs: cancel it first.`);
};

/** Takes all transfers that stopped off the list, with what was received of them. */
export const removePartialDownloads: Command = async ({ transfers }) => {
  await transfers.refresh();
  const stopped = transfers.all.filter(({ state }) => state !== 'running' && state !== 'elsewhere');
  if (stopped.length === 0) return void showInformation('There are no partial downloads.');
  const keptBytes = stopped.reduce((total, each) => total + each.keptBytes, 0);
  const detail = `${formatBytes(keptBytes)} that were received are deleted. They can then only start again from the beginning.`;
  if (!(await isConfirmed(`Remove ${countOf(stopped.length, 'transfer')} that stopped?`, detail))) return;
  for (const { id } of stopped) await transfers.remove(id);
};

async function isConfirmed(message: string, detail: string): Promise<boolean> {
  return (await showWarning(message, { modal: true, detail }, 'Remove')) === 'Remove';
}

/** The row as it is by now. */
function current({ transfers }: Services, row: unknown): TransferStatus | undefined {
  return isTransfer(row) ? transfers.all.find(({ id }) => id === row.id) : undefined;
}

function isTransfer(row: unknown): row is Pick<TransferStatus, 'id'> {
  return typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string';
}
