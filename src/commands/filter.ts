import type * as vscode from 'vscode';
import { askText } from '../host/askText';
import { pick } from '../host/pick';
import { targetOf } from '../host/rowTarget';
import type { TagOrder } from '../host/listChoices';
import type { Command } from './services';

/** Shows only the repositories of a registry, or tags of a repository, whose name has a text in it. */
export const filterRow: Command = async ({ tree }, row) => {
  const target = targetOf(row);
  if (!target) return;
  const what = target.repository === undefined ? 'repositories' : 'tags';
  const place = [target.host, target.repository].filter(Boolean).join('/');
  const text = await askText({
    title: `Filter ${what} of ${place}`,
    prompt: `Text that the name has in it; with * it stands for the whole name, e.g. v1.*. Empty shows all ${what}.`,
    value: tree.filterOf(row) ?? '',
    ignoreFocusOut: true,
  });
  if (text !== undefined) await tree.filter(row, text.trim());
};

/** Shows all entries of a row's list again. */
export const clearFilter: Command = ({ tree }, row) => tree.filter(row, '');

interface OrderItem extends vscode.QuickPickItem {
  readonly order: TagOrder;
}

/** Asks how tags are sorted, in every repository from now on. */
export const sortTags: Command = async ({ listChoices, tree }) => {
  const items: readonly OrderItem[] = [
    { order: 'registry', label: 'Registry order', detail: 'As the registry lists them, mostly by name' },
    { order: 'name', label: 'Name', detail: 'With numbers as numbers: v2 before v10' },
    { order: 'version', label: 'Version, newest first', detail: 'Semantic versions, then all other tags' },
    {
      order: 'date',
      label: 'Date, newest first',
      detail: 'Of the tags that are listed; it reads the manifest of each, which Docker Hub counts as a pull',
    },
  ];
  const marked = items.map((item) => ({
    ...item,
    ...(item.order === listChoices.order && { description: 'now' }),
  }));
  const chosen = await pick(marked, { title: 'Sort tags by' });
  if (!chosen) return;
  await listChoices.sortTags(chosen.order);
  tree.refresh();
};

/** Hides the tags that are named by a digest: lists of referrers and signatures of older clients. */
export const hideDigestTags: Command = async ({ listChoices, tree }) => {
  await listChoices.hideDigestTags(true);
  tree.refresh();
};

/** Shows them again. */
export const showDigestTags: Command = async ({ listChoices, tree }) => {
  await listChoices.hideDigestTags(false);
  tree.refresh();
};
