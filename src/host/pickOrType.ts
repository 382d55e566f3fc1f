import * as vscode from 'vscode';
import { plainItem } from './pick';

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
  /** False for a text that only narrows down the suggestions; without it every text is a value. */
  readonly isTyped?: (text: string) => boolean;
  /** What the text more likely stands for, offered before the text as it is. */
  readonly readings?: (text: string) => readonly Suggestion[];
  /** A text to take in place of one with a problem, and why. */
  readonly correction?: (text: string) => Suggestion | undefined;
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
    box.items = itemsFor(box.value, options).map(plainItem);
    const [first] = box.items;
    // VS Code sorts by where the text is found in a label, which puts the text itself first.
    if (first && readingsOf(box.value, options).length > 0) box.activeItems = [first];
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
  if (active && items.includes(active)) return active;
  const [first] = items;
  return first?.alwaysShow ? first : undefined;
}

function itemsFor(typed: string, options: PickOrTypeOptions): Item[] {
  const { suggestions, problem, correction, isTyped } = options;
  const text = typed.trim();
  const known = suggestions.filter(({ value }) => value !== text).map(suggestionItem);
  if (text === '' || isTyped?.(text) === false) return known;
  const read = readingsOf(typed, options).map((reading) => ({
    ...suggestionItem(reading),
    alwaysShow: true,
  }));
  const corrected = correction?.(text);
  const isNew = corrected && !read.some(({ value }) => value === corrected.value);
  const offered = isNew ? [{ ...suggestionItem(corrected), alwaysShow: true }] : [];
  return [...read, typedItem(text, problem(text)), ...offered, ...known];
}

function readingsOf(typed: string, { readings }: PickOrTypeOptions): readonly Suggestion[] {
  const text = typed.trim();
  return text === '' ? [] : (readings?.(text) ?? []);
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
