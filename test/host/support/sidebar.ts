import * as vscode from 'vscode';
import { page, type PageCall } from './page';

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The first row of the sidebar whose accessible name begins with a label. */
function row(label: string): readonly PageCall[] {
  return [['locator', `.sidebar [role=treeitem][aria-label^=${JSON.stringify(label)}]`], ['first']];
}

/** Brings the sidebar of this extension to the front, with room for its rows: only those that fit are drawn. */
export async function openSidebar(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closePanel');
  const tab: PageCall = ['getByRole', 'tab', { name: 'OCI Artifacts' }];
  const selected = await page<string>(tab, ['first'], ['getAttribute', 'aria-selected']);
  if (selected !== 'true') await page(tab, ['first'], ['click']);
  await page(['locator', '.sidebar .composite.title', { hasText: 'OCI Artifacts' }], ['waitFor']);
}

/** Waits for a row. */
export async function seeRow(label: string): Promise<void> {
  await page(...row(label), ['waitFor']);
}

/**
 * Selects the row of a transfer that is between `tens`0 and `tens`9 percent: a label that ends with one digit is also
 * that of a transfer which has hardly begun.
 */
export function percentRow(label: string, tens: number): string {
  const rows = Array.from({ length: 10 }, (_, ones) => {
    const start = JSON.stringify(`${label}, ${tens}${ones} %`);
    return `.sidebar [role=treeitem][aria-label^=${start}]`;
  });
  return rows.join(', ');
}

/** Waits for such a row. */
export async function seePercent(label: string, tens: number): Promise<void> {
  await page(['locator', percentRow(label, tens)], ['first'], ['waitFor']);
}

/** Opens a row by a click on its arrow. */
export async function expandRow(label: string): Promise<void> {
  await seeRow(label);
  if ((await page<string>(...row(label), ['getAttribute', 'aria-expanded'])) === 'true') return;
  await page(...row(label), ['locator', '.monaco-tl-twistie'], ['click']);
}

/** Rests the mouse on a row until its tooltip says `text`: a row that is drawn anew meanwhile shows none. */
export async function seeTooltip(label: string, text: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    await page(['mouse'], ['move', 700, 300]);
    await page(...row(label), ['hover']);
    try {
      await page(['locator', '.monaco-hover:visible', { hasText: text }], ['waitFor', { timeout: 4000 }]);
      return;
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}

/** Clicks a row. */
export async function clickRow(label: string): Promise<void> {
  await page(...row(label), ['click']);
}

/** Right-clicks a row and chooses an item of its menu. */
export async function chooseFromRow(label: string, item: string): Promise<void> {
  await page(...row(label), ['click', { button: 'right' }]);
  const entry: readonly PageCall[] = [['getByRole', 'menuitem', { name: item }], ['first']];
  await page(...entry, ['waitFor']);
  // A menu passes over a click that comes with its opening, taking it for the end of the right click.
  await page(...entry, ['click', { delay: 150 }]);
}

/** The labels of all rows that are drawn. */
export async function rowLabels(): Promise<string[]> {
  const texts = await page<string[]>(['locator', '.sidebar .monaco-list-row .label-name'], ['allInnerTexts']);
  return texts.map((text) => text.trim());
}

/** A pattern for a text as it stands. */
export function literally(text: string): RegExp {
  return new RegExp(escaped(text));
}
