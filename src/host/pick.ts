import * as vscode from 'vscode';
import { rowText } from './plainText';

const MAX_DETAIL_LENGTH = 1_000;

type Options = Omit<vscode.QuickPickOptions, 'canPickMany' | 'onDidSelectItem'>;

/** Asks for one of several; resolves with the item as it was given. Undefined when dismissed. */
export async function pick<Item extends vscode.QuickPickItem>(
  items: readonly Item[],
  options: Options,
): Promise<Item | undefined> {
  const shown = items.map(plainItem);
  const chosen = await vscode.window.showQuickPick(shown, { ...options, ...plainTitle(options) });
  return chosen && items[shown.indexOf(chosen)];
}

/** Asks for some of several. Undefined when dismissed. */
export async function pickSeveral<Item extends vscode.QuickPickItem>(
  items: readonly Item[],
  options: Options,
): Promise<readonly Item[] | undefined> {
  const shown = items.map(plainItem);
  const chosen = await vscode.window.showQuickPick(shown, {
    ...options,
    ...plainTitle(options),
    canPickMany: true,
  });
  const wanted = new Set(chosen);
  return chosen && items.filter((_item, at) => wanted.has(shown[at] as Item));
}

/** An item with texts of registries and files: they have an end and no icons. */
export function plainItem<Item extends vscode.QuickPickItem>(item: Item): Item {
  const { label, description, detail } = item;
  return {
    ...item,
    label: rowText(label),
    ...(description && { description: rowText(description, MAX_DETAIL_LENGTH) }),
    ...(detail && { detail: rowText(detail, MAX_DETAIL_LENGTH) }),
  };
}

function plainTitle({ title, placeHolder }: Options): Options {
  return {
    ...(title && { title: rowText(title) }),
    ...(placeHolder && { placeHolder: rowText(placeHolder) }),
  };
}
