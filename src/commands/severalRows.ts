import { commandIds, type CommandId } from '../host/commandIds';

/** The commands that do all of several selected rows of the sidebar. */
export const TAKES_ROWS: readonly CommandId[] = [commandIds.createIndex];

/** The commands that do all of several files selected in the Explorer. */
export const TAKES_FILES: readonly CommandId[] = [
  commandIds.push,
  commandIds.pushWithOptions,
  commandIds.attach,
  commandIds.createDefinition,
];

/**
 * How many selected rows or files a command was called with of which it would do one alone; undefined where it does all.
 * VS Code gives the selection as the second argument, from a menu as from an icon of a row.
 */
export function leftOut(id: CommandId, [, selection]: readonly unknown[]): number | undefined {
  if (!Array.isArray(selection) || selection.length < 2) return undefined;
  const areFiles = selection.every((item) => typeof item === 'object' && item !== null && 'fsPath' in item);
  return (areFiles ? TAKES_FILES : TAKES_ROWS).includes(id) ? undefined : selection.length;
}
