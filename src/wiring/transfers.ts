import * as vscode from 'vscode';
import { logError } from '../host/log';
import type { Settings } from '../host/settings';
import { Transfers } from '../host/transfers';
import { TransferStore } from '../targets/transfers/transferStore';
import { TransfersProvider } from '../views/transfersProvider';

const VIEW_ID = 'ociArtifacts.transfers';

export interface TransferParts {
  readonly context: vscode.ExtensionContext;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
}

/** Transfers with their view. What earlier windows left is read behind the activation, which it would slow down. */
export function newTransfers({ context, settings, log }: TransferParts): Transfers {
  const transfers = new Transfers({
    store: new TransferStore(vscode.Uri.joinPath(context.globalStorageUri, 'transfers').fsPath),
    limits: () => settings.transferLimits,
    onFailure: (what, error) => logError(log, what, error),
  });
  context.subscriptions.push(transfers, new TransfersProvider(VIEW_ID, transfers));
  setImmediate(() => void transfers.start());
  return transfers;
}
