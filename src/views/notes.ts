import { countOf } from '../host/countOf';
import { messageOf } from '../oci/errors';
import type { EntryProblem, UsableManifest } from '../oci/manifest';
import type { MessageNode, Node } from './nodes';
import type { PagedList } from './pagedList';
import { skippedText, type SkippedName } from './usableNames';

/** The most notes below one row: the last of them counts the others. */
const MAX_NOTES = 10;

/** Why rows are missing below a node: one note for each part that is left out, and one for why reading stopped. */
export function notesOf(parent: Node, { missing, failure, entries }: PagedList<unknown>): MessageNode[] {
  // Parts that fail alike are one note.
  const reasons = [...new Map(missing.map((error) => [messageOf(error), error])).values()];
  const parts = reasons
    .slice(0, MAX_NOTES)
    .map((error, at) => errorNode(parent, error, { id: `${parent.id}#missing${at}` }));
  const others = reasons.length - parts.length;
  return [
    ...parts,
    ...(others > 0 ? [infoNode(parent, `${others} more parts are missing`)] : []),
    ...(failure ? [errorNode(parent, failure.error, { readsOn: entries.length > 0 })] : []),
  ];
}

/** A row that says which names of a list are left out; none where none is. */
export function skippedNotes(
  parent: Node,
  skipped: readonly SkippedName[],
  inSettings = false,
): MessageNode[] {
  if (skipped.length === 0) return [];
  const id = `${parent.id}#skipped${inSettings ? 'Settings' : ''}`;
  return [{ kind: 'info', id, parent, ...skippedText(skipped), ...(inSettings && { inSettings }) }];
}

/** A row that says which entries of an index are left out; none where none is. */
export function unusableNotes(parent: Node, { problems }: UsableManifest): MessageNode[] {
  const label = unusableText(problems);
  return label ? [{ kind: 'info', id: `${parent.id}#unusable`, parent, label }] : [];
}

/** Says how many entries of an index cannot be used, and why the first cannot; empty where all can. */
export function unusableText(problems: readonly EntryProblem[]): string {
  const [first] = problems;
  return first ? `${countOf(problems.length, 'manifest')} left out: ${first.reason}` : '';
}

/** A row that says why others are missing. */
export function errorNode(
  parent: Node,
  error: unknown,
  { id = `${parent.id}#error`, readsOn = false }: { readonly id?: string; readonly readsOn?: boolean } = {},
): MessageNode {
  return { kind: 'error', id, parent, label: '', error, ...(readsOn && { readsOn }) };
}

function infoNode(parent: Node, label: string): MessageNode {
  return { kind: 'info', id: `${parent.id}#info`, parent, label };
}
