import * as vscode from 'vscode';
import { formatBytes } from '../host/progress';
import type { Transfers, TransferState, TransferStatus } from '../host/transfers';
import { boundedRow } from './boundedRow';

const ICON: Readonly<Record<TransferState, string>> = {
  running: 'sync~spin',
  elsewhere: 'sync',
  paused: 'debug-pause',
  failed: 'error',
  interrupted: 'debug-disconnect',
};

const STATE: Readonly<Record<TransferState, string>> = {
  running: '',
  elsewhere: 'running in another window',
  paused: 'paused',
  failed: 'failed',
  interrupted: 'interrupted',
};

/** The transfers of this machine, as rows. */
export class TransfersProvider implements vscode.TreeDataProvider<TransferStatus>, vscode.Disposable {
  readonly onDidChangeTreeData: vscode.Event<void>;
  private readonly view: vscode.TreeView<TransferStatus>;

  constructor(
    viewId: string,
    private readonly transfers: Transfers,
  ) {
    this.onDidChangeTreeData = transfers.onDidChange;
    this.view = vscode.window.createTreeView(viewId, { treeDataProvider: this });
  }

  getChildren(parent?: TransferStatus): TransferStatus[] {
    return parent ? [] : [...this.transfers.all];
  }

  getTreeItem(transfer: TransferStatus): vscode.TreeItem {
    return boundedRow(transferRow(transfer));
  }

  dispose(): void {
    this.view.dispose();
  }
}

/** The face of a transfer: `45 % of 1.2 GB` while it runs, with why it stopped otherwise. */
export function transferRow(transfer: TransferStatus): vscode.TreeItem {
  const { id, title, detail, state, message } = transfer;
  const description = [STATE[state], amountOf(transfer)].filter(Boolean).join(', ');
  const item = new vscode.TreeItem(title);
  item.id = id;
  item.iconPath = new vscode.ThemeIcon(ICON[state]);
  item.description = description;
  item.contextValue = contextOf(state);
  const changed = new Date(transfer.changedAtMs).toLocaleString();
  item.tooltip = [title, description, detail, `Last active ${changed}`, message].filter(Boolean).join('\n');
  item.accessibilityInformation = { label: `${title}, ${description}` };
  return item;
}

function contextOf(state: TransferState): string {
  if (state === 'running') return 'transfer.running';
  return state === 'elsewhere' ? 'transfer.elsewhere' : 'transfer.stopped';
}

function amountOf({ doneBytes, totalBytes }: TransferStatus): string {
  if (totalBytes === 0) return '';
  const percent = Math.min(100, Math.floor((100 * doneBytes) / totalBytes));
  return `${percent} % of ${formatBytes(totalBytes)}`;
}
