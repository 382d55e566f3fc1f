import * as vscode from 'vscode';
import { pick, pickSeveral } from '../host/pick';

/** Something rare that can be chosen beside referrers. */
export interface TransferOption<Key extends string> {
  readonly key: Key;
  readonly label: string;
  readonly detail: string;
}

/** What was chosen. */
export type TransferChoice<Key extends string> = ReadonlySet<Key | 'referrers'>;

const REFERRERS = {
  label: 'With referrers',
  detail: 'Signatures, SBOMs and all else that refers to it, and what refers to that',
  iconPath: new vscode.ThemeIcon('references'),
};

/**
 * Asks whether what refers to an artifact goes along; who wants rare options finds them behind the last item. `job`
 * begins the titles. Undefined when dismissed.
 */
export async function askTransferOptions<Key extends string>(
  job: string,
  options: readonly TransferOption<Key>[] = [],
): Promise<TransferChoice<Key> | undefined> {
  const without = {
    label: 'Without referrers',
    detail: 'The artifact alone',
    iconPath: new vscode.ThemeIcon('package'),
  };
  const more = {
    label: 'More options…',
    detail: options.map(({ label }) => label).join(', '),
    iconPath: new vscode.ThemeIcon('settings'),
  };
  const items = [without, REFERRERS, ...(options.length > 0 ? [more] : [])];
  const title = `${job}: with what`;
  const chosen = await pick(items, { title, ignoreFocusOut: true });
  if (chosen === more) return askSeveral(`${job}: options`, options);
  return chosen && new Set(chosen === REFERRERS ? ['referrers' as const] : []);
}

async function askSeveral<Key extends string>(
  title: string,
  options: readonly TransferOption<Key>[],
): Promise<TransferChoice<Key> | undefined> {
  type Item = vscode.QuickPickItem & { readonly key: Key | 'referrers' };
  const items: readonly Item[] = [
    { key: 'referrers', label: REFERRERS.label, detail: REFERRERS.detail },
    ...options,
  ];
  const chosen = await pickSeveral<Item>(items, { title, ignoreFocusOut: true });
  return chosen && new Set(chosen.map(({ key }) => key));
}
