import * as vscode from 'vscode';
import { logError } from '../host/log';
import type { Settings } from '../host/settings';
import { Transfers } from '../host/transfers';
import { UploadWays } from '../targets/registry/uploadWays';
import { TransferStore } from '../targets/transfers/transferStore';
import { UploadSessionFiles } from '../targets/transfers/uploadSessionFiles';
import { TransfersProvider } from '../views/transfersProvider';

const VIEW_ID = 'ociArtifacts.transfers';

export interface TransferParts {
  readonly context: vscode.ExtensionContext;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
}

/** What moves content: transfers with their view, and how blobs are sent. */
export interface Moving {
  readonly transfers: Transfers;
  readonly uploads: UploadWays;
}

/** What earlier windows left is read behind the activation, which it would slow down. */
export function newTransfers({ context, settings, log }: TransferParts): Moving {
  const at = (name: string) => vscode.Uri.joinPath(context.globalStorageUri, name).fsPath;
  const onFailure = (what: string, error: unknown) => logError(log, what, error);
  const store = new TransferStore(at('transfers'));
  const transfers = new Transfers({ store, limits: () => settings.transferLimits, onFailure });
  const sessions = new UploadSessionFiles(at('uploads'));
  context.subscriptions.push(transfers, new TransfersProvider(VIEW_ID, transfers));
  setImmediate(() => {
    void transfers.start();
    const cleaned = sessions.clean(settings.transferLimits.maxAgeMs);
    cleaned.catch((error: unknown) => onFailure('Uploads that stopped were not cleaned', error));
  });
  return { transfers, uploads: new UploadWays({ limitBytes: () => settings.chunkBytes, sessions }) };
}
