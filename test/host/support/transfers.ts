import * as vscode from 'vscode';
import { commandIds } from '../../../src/host/commandIds';
import { answering, type Shown } from './dialogs';
import { page } from './page';
import { chooseFromRow } from './sidebar';

/** Waits until a transfer is off the list; `title` is what its row begins with. */
export async function goneRow(title: string): Promise<void> {
  await page(
    ['locator', `.sidebar [role=treeitem][aria-label^=${JSON.stringify(title)}]`],
    ['waitFor', { state: 'detached' }],
  );
}

/** Goes on with a transfer by the menu of its row, and waits until it is through. `state` is what the row says. */
export function continueByRow(title: string, state: string): Promise<Shown> {
  return answering({}, async () => {
    await chooseFromRow(`${title}, ${state}`, 'Continue transfer');
    await goneRow(title);
  });
}

/** Takes all transfers off the list: they take room from the rows above. */
export async function removeTransfers(): Promise<void> {
  await answering({ warning: 'Remove' }, async () =>
    vscode.commands.executeCommand(commandIds.removePartialDownloads),
  );
}
