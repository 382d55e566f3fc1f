import { isAbort } from '../oci/errors';
import { parseUsable } from '../oci/manifest';
import { repositoryProblem, tagProblem } from '../oci/reference';
import type { RegistrySettings } from '../host/settings';
import { referringTo } from '../operations/referring';
import { groupRepositories } from './groupRepositories';
import {
  manifestChildren,
  referrerNode,
  tagNode,
  type ManifestNode,
  type Node,
  type ReferrersNode,
  type RegistryNode,
  type RepositoryNode,
} from './nodes';
import { errorNode, notesOf, skippedNotes, unusableNotes } from './notes';
import { type OpenLists, PAGE_SIZE } from './openLists';
import type { PagedList } from './pagedList';
import { shownRepositories, shownTags, wantedTags, type ListView } from './shownNames';
import { readTagDates } from './tagDates';
import { usableNames } from './usableNames';

/** How many pages are read at once where tags are sorted: an order needs more than the first page. */
const MAX_SORTED_PAGES = 10;

/** What finding children needs besides the node. */
export interface ChildrenContext {
  readonly lists: OpenLists;
  readonly settingsOf: (host: string) => RegistrySettings;
  /** What of the list below a row is shown. */
  readonly viewOf: (id: string) => ListView;
  readonly signal: AbortSignal;
  /** Gets why rows are missing, each time that something failed. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The rows below a node; of a list those that arrived, and notes on what did not. At most one request for a list or a
 * manifest, but for tags by date and for cosign's tags. Errors: those of `readManifest`; an abort.
 */
export async function childrenOfNode(node: Node, context: ChildrenContext): Promise<readonly Node[]> {
  switch (node.kind) {
    case 'registry':
      return repositoriesOf(node, context);
    case 'group':
      return node.children;
    case 'repository':
      return tagsOf(node, context);
    case 'tag':
    case 'platform':
    case 'referrer':
      return contentOf(node, context);
    case 'referrers':
      return referrersOf(node, context);
    default:
      return [];
  }
}

/** The rows below a node that the user's settings name. Makes no request. */
export function namedRows(
  node: Node,
  { settingsOf, viewOf }: Pick<ChildrenContext, 'settingsOf' | 'viewOf'>,
): readonly Node[] {
  if (node.kind !== 'registry') return [];
  const { usable } = usableNames(settingsOf(node.target.host).repositories ?? [], repositoryProblem);
  return groupRepositories(node, shownRepositories(usable, viewOf(node.id)));
}

async function repositoriesOf(node: RegistryNode, context: ChildrenContext): Promise<readonly Node[]> {
  const { lists, settingsOf, viewOf } = context;
  const known = settingsOf(node.target.host).repositories ?? [];
  const list = lists.of(node, (signal, pageSize, onMissing) =>
    node.registry.repositories({ signal, pageSize, onMissing }),
  );
  await readFirst(list, 1, context);
  const view = viewOf(node.id);
  const named = usableNames(known, repositoryProblem);
  const listed = usableNames(list.entries, repositoryProblem);
  const names = [...new Set([...listed.usable, ...named.usable])];
  const notes = [
    ...skippedNotes(node, listed.skipped),
    ...skippedNotes(node, named.skipped, true),
    ...notesOf(node, list),
  ];
  const rows = groupRepositories(node, shownRepositories(names, view));
  const { namespaceWord } = node.registry.profile;
  const isEmpty = list.entries.length === 0 && notes.length === 0;
  if (isEmpty && namespaceWord !== undefined) return [...rows, nothingNamed(node, namespaceWord)];
  return pageRows(rows, {
    parent: node,
    list,
    view,
    looked: names.length,
    notes,
    empty: 'No repositories yet',
  });
}

/** Where a registry lists within organizations or projects only, an empty list says that none is named yet. */
function nothingNamed(parent: RegistryNode, namespaceWord: string): Node {
  const label = `Add ${namespaceWord}…`;
  return { kind: 'info', id: `${parent.id}#empty`, parent, label, namespaceWord };
}

async function tagsOf(node: RepositoryNode, context: ChildrenContext): Promise<readonly Node[]> {
  const { lists, viewOf } = context;
  const list = lists.of(node, (signal, pageSize, onMissing) =>
    node.repository.tags({ signal, pageSize, onMissing }),
  );
  const view = viewOf(node.id);
  const isSorted = view.order === 'name' || view.order === 'version';
  await readFirst(list, isSorted ? MAX_SORTED_PAGES : 1, context);
  const { usable, skipped } = usableNames(list.entries, tagProblem);
  const undated = view.order === 'date' ? await readDates(node, wantedTags(usable, view), context) : [];
  const dates = lists.datesOf(node.id);
  const rows = shownTags(usable, view, dates).map((tag) => tagNode(node, tag));
  const notes = [...skippedNotes(node, skipped), ...undated, ...notesOf(node, list)];
  return pageRows(rows, { parent: node, list, view, looked: usable.length, notes, empty: 'No tags' });
}

/** Reads what tags are sorted by; a note where that fails, for the tags are known without it. */
async function readDates(
  node: RepositoryNode,
  tags: readonly string[],
  { lists, signal, onFailure }: ChildrenContext,
): Promise<readonly Node[]> {
  try {
    await readTagDates(node.repository, tags, { known: lists.datesOf(node.id), signal });
    return [];
  } catch (error) {
    if (isAbort(error)) throw error;
    onFailure(error);
    return [errorNode(node, error, { id: `${node.id}#dates` })];
  }
}

async function contentOf(node: ManifestNode, { signal }: ChildrenContext): Promise<readonly Node[]> {
  const { tag, descriptor } = node.target;
  const content = await node.repository.readManifest(tag ?? descriptor?.digest ?? '', { signal });
  const manifest = parseUsable(content.bytes, content.descriptor.mediaType);
  return [...manifestChildren(node, content.descriptor, manifest), ...unusableNotes(node, manifest)];
}

async function referrersOf(node: ReferrersNode, context: ChildrenContext): Promise<readonly Node[]> {
  const { repository } = node.parent;
  const list = context.lists.of(
    node,
    (signal, _pageSize, onMissing) => referringTo(repository, node.subject, { signal, onMissing }),
    { keyOf: ({ descriptor, signature }) => signature?.tag ?? descriptor.digest },
  );
  await readFirst(list, 1, context);
  const rows = list.entries.map((referring) => referrerNode(node, referring));
  const about = { looked: rows.length, notes: notesOf(node, list) };
  return pageRows(rows, { parent: node, list, ...about, empty: 'Nothing refers to this' });
}

/** Reads the pages that a row begins with, once; a list that fails is asked again by a refresh, or by its note. */
async function readFirst(
  list: PagedList<unknown>,
  pages: number,
  { signal, onFailure }: ChildrenContext,
): Promise<void> {
  if (list.entries.length > 0 || list.failure || !list.hasMore) return;
  const goal = Math.max(pages * PAGE_SIZE, list.wanted);
  try {
    for (let count = PAGE_SIZE; count < goal + PAGE_SIZE && list.hasMore; count += PAGE_SIZE) {
      signal.throwIfAborted();
      await list.upTo(Math.min(count, goal));
    }
  } catch (error) {
    if (isAbort(error)) throw error;
    onFailure(error);
  }
  list.missing.forEach(onFailure);
}

interface Page {
  readonly parent: Node;
  readonly list: PagedList<unknown>;
  readonly view?: ListView;
  /** How many entries there are to show, before any is hidden. */
  readonly looked: number;
  readonly notes: readonly Node[];
  /** Said where there is nothing. */
  readonly empty: string;
}

function pageRows(
  rows: readonly Node[],
  { parent, list, view, looked, notes, empty }: Page,
): readonly Node[] {
  const label = looked === 0 ? empty : noMatch(looked, view);
  const info: Node = { kind: 'info', id: `${parent.id}#empty`, parent, label };
  const isBare = rows.length === 0 && (looked > 0 || notes.length === 0);
  const more: Node = { kind: 'loadMore', id: `${parent.id}#more`, parent, shown: list.entries.length };
  return [
    ...rows,
    ...(isBare ? [info] : []),
    ...notes,
    // The note of a failure reads on in its place.
    ...(list.hasMore && !list.failure ? [more] : []),
  ];
}

function noMatch(looked: number, view: ListView | undefined): string {
  return view?.filter ? `Nothing matches "${view.filter}" among ${looked}` : `All ${looked} are hidden`;
}
