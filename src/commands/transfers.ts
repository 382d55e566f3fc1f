import * as vscode from 'vscode';
import { countOf } from '../host/countOf';
import { formatBytes } from '../host/progress';
import type { TransferStatus } from '../host/transfers';
import { InvalidContentError } from '../oci/errors';
import { parsePushDefinition } from '../oci/pushDefinition';
import type { Reference } from '../oci/reference';
import type { PullPlan } from '../operations/planPull';
import { pullInto } from './pullInto';
import { pushDefined } from './pushAndTell';
import type { Command, Services } from './services';

/** Goes on with a transfer that stopped: what is there already is neither fetched nor sent again. */
export const continueTransfer: Command = async (services, row) => {
  const transfer = current(services, row);
  if (!transfer || transfer.state === 'running') return;
  const { kind, folder, job } = transfer;
  if (kind === 'pull') {
    const { reference, plan, keepExisting = false } = pullJob(transfer);
    await pullInto(services, {
      reference,
      folder: vscode.Uri.file(folder),
      keepExisting,
      plan: async () => plan,
    });
  } else {
    const { definition } = job as { readonly definition?: unknown };
    await pushDefined(services, { definition: parsePushDefinition(definition, whatOf(transfer)), folder });
  }
};

/** Stops a transfer that runs; what it has is kept to continue. */
export const cancelTransfer: Command = ({ transfers }, row) => {
  if (isTransfer(row)) transfers.cancel(row.id);
};

/** Takes a transfer off the list; what was received of it goes. */
export const removeTransfer: Command = async (services, row) => {
  const transfer = current(services, row);
  if (!transfer) return;
  const { id, keptBytes } = transfer;
  const message = `Remove ${whatOf(transfer)}?`;
  const detail = `${formatBytes(keptBytes)} that were received are deleted. It can then only start again from the beginning.`;
  if (keptBytes > 0 && !(await isConfirmed(message, detail))) return;
  if (!(await services.transfers.remove(id)))
    void vscode.window.showInformationMessage(`${whatOf(transfer)} runs: cancel it first.`);
};

/** Takes all transfers that stopped off the list, with what was received of them. */
export const removePartialDownloads: Command = async ({ transfers }) => {
  await transfers.refresh();
  const stopped = transfers.all.filter(({ state }) => state !== 'running' && state !== 'elsewhere');
  if (stopped.length === 0)
    return void vscode.window.showInformationMessage('There are no partial downloads.');
  const keptBytes = stopped.reduce((total, each) => total + each.keptBytes, 0);
  const detail = `${formatBytes(keptBytes)} that were received are deleted. They can then only start again from the beginning.`;
  if (!(await isConfirmed(`Remove ${countOf(stopped.length, 'transfer')} that stopped?`, detail))) return;
  for (const { id } of stopped) await transfers.remove(id);
};

async function isConfirmed(message: string, detail: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, 'Remove')) === 'Remove';
}

/** The row as it is by now. */
function current({ transfers }: Services, row: unknown): TransferStatus | undefined {
  return isTransfer(row) ? transfers.all.find(({ id }) => id === row.id) : undefined;
}

function isTransfer(row: unknown): row is Pick<TransferStatus, 'id'> {
  return typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string';
}

interface SavedPull {
  readonly reference: Reference;
  readonly plan: PullPlan;
  readonly keepExisting?: boolean;
}

/** Errors: InvalidContentError for a record that this version cannot read. */
function pullJob(transfer: TransferStatus): SavedPull {
  const job = transfer.job as Partial<SavedPull> | undefined;
  if (job?.reference && Array.isArray(job.plan?.files)) return job as SavedPull;
  throw new InvalidContentError(whatOf(transfer), 'its record is not whole; remove it and pull again');
}

function whatOf({ kind, reference }: TransferStatus): string {
  return `${kind === 'pull' ? 'Pull of' : 'Push to'} ${reference}`;
}
