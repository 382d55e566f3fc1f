import * as vscode from 'vscode';

/** Something to offer; `value` is what choosing it gives, or, with `fill`, what is put into the box to go on from. */
export interface Suggestion {
  readonly value: string;
  readonly description?: string;
  readonly icon?: string;
  readonly fill?: boolean;
}

export interface PickOrTypeOptions {
  readonly title: string;
  readonly placeholder: string;
  readonly value?: string;
  readonly suggestions: readonly Suggestion[];
  /** Why the text cannot be taken, as a sentence; undefined when it can. */
  readonly problem: (text: string) => string | undefined;
}

interface Item extends vscode.QuickPickItem {
  readonly value?: string;
  readonly fill?: boolean;
}

/** One box to type a value or choose a known one; what is typed is checked as it stands. Undefined when dismissed. */
export async function pickOrType(options: PickOrTypeOptions): Promise<string | undefined> {
  const box = vscode.window.createQuickPick<Item>();
  box.title = options.title;
  box.placeholder = options.placeholder;
  box.value = options.value ?? '';
  box.ignoreFocusOut = true;
  box.matchOnDescription = true;
  const fill = () => {
    box.items = itemsFor(box.value, options);
  };
  fill();
  try {
    return await new Promise<string | undefined>((resolve) => {
      box.onDidChangeValue(fill);
      box.onDidHide(() => resolve(undefined));
      box.onDidAccept(() => {
        const item = chosenItem(box);
        if (item?.value === undefined) return;
        if (!item.fill) return resolve(item.value);
        box.value = item.value;
        fill();
      });
      box.show();
    });
  } finally {
    box.dispose();
  }
}

/** Who types fast and presses Enter means the text, while the highlighted item is still of the text before. */
function chosenItem({ items, activeItems: [active] }: vscode.QuickPick<Item>): Item | undefined {
  return active && items.includes(active) ? active : items[0];
}

function itemsFor(typed: string, { suggestions, problem }: PickOrTypeOptions): Item[] {
  const known = suggestions.filter(({ value }) => value !== typed.trim()).map(suggestionItem);
  return typed.trim() === '' ? known : [typedItem(typed.trim(), problem(typed.trim())), ...known];
}

function typedItem(value: string, problem: string | undefined): Item {
  if (problem === undefined)
    return { label: value, iconPath: new vscode.ThemeIcon('arrow-right'), value, alwaysShow: true };
  return { label: value, iconPath: new vscode.ThemeIcon('error'), detail: problem, alwaysShow: true };
}

function suggestionItem({ value, description, icon, fill }: Suggestion): Item {
  return {
    label: value,
    value,
    ...(description && { description }),
    ...(icon && { iconPath: new vscode.ThemeIcon(icon) }),
    ...(fill && { fill }),
  };
}
