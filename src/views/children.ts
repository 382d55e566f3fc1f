import { isAbort } from '../oci/errors';
import { parseManifest } from '../oci/manifest';
import type { RegistrySettings } from '../host/settings';
import { groupRepositories } from './groupRepositories';
import {
  isBelow,
  manifestChildren,
  referrerNode,
  tagNode,
  type ManifestNode,
  type Node,
  type ReferrersNode,
  type RegistryNode,
  type RepositoryNode,
} from './nodes';
import { notesOf } from './notes';
import { PagedList, type EntryKey, type OpenList } from './pagedList';
import { shownRepositories, shownTags, wantedTags, type ListView } from './shownNames';
import { readTagDates } from './tagDates';

/** How many entries one page of a list shows. One request brings as many, but where a list is searched. */
export const PAGE_SIZE = 100;

/** How many pages are read at once where tags are sorted: an order needs more than the first page. */
const MAX_SORTED_PAGES = 10;

/** The lists that are open, by node id; dropped on refresh. */
export class OpenLists {
  private readonly lists = new Map<string, { readonly node: Node; readonly list: PagedList<unknown> }>();
  private readonly dates = new Map<string, Map<string, number | undefined>>();

  /** The list of a node, opened on first use. */
  of<T>(node: Node, open: OpenList<T>, by?: EntryKey<T>): PagedList<T> {
    const list = (this.find(node.id) as PagedList<T> | undefined) ?? new PagedList<T>(open, PAGE_SIZE, by);
    this.lists.set(node.id, { node, list });
    return list;
  }

  /** The dates that were read for the tags of a node. */
  datesOf(id: string): Map<string, number | undefined> {
    const dates = this.dates.get(id) ?? new Map<string, number | undefined>();
    this.dates.set(id, dates);
    return dates;
  }

  /** The list of a node, if it is open. */
  find(id: string): PagedList<unknown> | undefined {
    return this.lists.get(id)?.list;
  }

  /** Forgets the lists of a node and of everything below it; all of them without a node. */
  forget(node?: Node): void {
    for (const [id, { node: known, list }] of this.lists) {
      if (node && !isBelow(known, node.id)) continue;
      list.dispose();
      this.lists.delete(id);
      this.dates.delete(id);
    }
  }
}

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
 * manifest, but for tags by date. Errors: those of `readManifest`; an abort.
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

async function repositoriesOf(node: RegistryNode, context: ChildrenContext): Promise<readonly Node[]> {
  const { lists, settingsOf, viewOf } = context;
  const known = settingsOf(node.target.host).repositories ?? [];
  const list = lists.of(node, (signal, pageSize, onMissing) =>
    node.registry.repositories({ signal, pageSize, onMissing }),
  );
  await readFirst(list, 1, context);
  const view = viewOf(node.id);
  const names = [...new Set([...list.entries, ...known])];
  const { namespaceWord } = node.registry.profile;
  const isEmpty = names.length === 0 && notesOf(node, list).length === 0;
  if (isEmpty && namespaceWord !== undefined) return [nothingNamed(node, namespaceWord)];
  const rows = groupRepositories(node, shownRepositories(names, view));
  return pageRows(rows, { parent: node, list, view, empty: 'No repositories yet' });
}

/** Where a registry lists within organizations or projects only, an empty list says that none is named yet. */
function nothingNamed(parent: RegistryNode, namespaceWord: string): Node {
  const label = `Add ${namespaceWord}…`;
  return { kind: 'info', id: `${parent.id}#empty`, parent, label, namespaceWord };
}

async function tagsOf(node: RepositoryNode, context: ChildrenContext): Promise<readonly Node[]> {
  const { lists, viewOf, signal } = context;
  const list = lists.of(node, (signal, pageSize, onMissing) =>
    node.repository.tags({ signal, pageSize, onMissing }),
  );
  const view = viewOf(node.id);
  const isSorted = view.order === 'name' || view.order === 'version';
  await readFirst(list, isSorted ? MAX_SORTED_PAGES : 1, context);
  const dates =
    view.order === 'date'
      ? await readTagDates(node.repository, wantedTags(list.entries, view), {
          known: lists.datesOf(node.id),
          signal,
        })
      : undefined;
  const rows = shownTags(list.entries, view, dates).map((tag) => tagNode(node, tag));
  return pageRows(rows, { parent: node, list, view, empty: 'No tags' });
}

async function contentOf(node: ManifestNode, { signal }: ChildrenContext): Promise<readonly Node[]> {
  const { tag, descriptor } = node.target;
  const content = await node.repository.readManifest(tag ?? descriptor?.digest ?? '', { signal });
  return manifestChildren(
    node,
    content.descriptor,
    parseManifest(content.bytes, content.descriptor.mediaType),
  );
}

async function referrersOf(node: ReferrersNode, context: ChildrenContext): Promise<readonly Node[]> {
  const { repository } = node.parent;
  const list = context.lists.of(
    node,
    (signal, _pageSize, onMissing) => repository.referrers(node.subject, { signal, onMissing }),
    { keyOf: ({ digest }) => digest },
  );
  await readFirst(list, 1, context);
  const rows = list.entries.map((descriptor) => referrerNode(node, descriptor));
  return pageRows(rows, { parent: node, list, empty: 'Nothing refers to this' });
}

/** Reads the pages that a row begins with, once; a list that fails is asked again by a refresh, or by its note. */
async function readFirst(
  list: PagedList<unknown>,
  pages: number,
  { signal, onFailure }: ChildrenContext,
): Promise<void> {
  if (list.entries.length > 0 || list.failure || !list.hasMore) return;
  try {
    for (let page = 1; page <= pages && list.hasMore; page++) {
      signal.throwIfAborted();
      await list.upTo(page * PAGE_SIZE);
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
  /** Said where there is nothing. */
  readonly empty: string;
}

function pageRows(rows: readonly Node[], { parent, list, view, empty }: Page): readonly Node[] {
  const looked = list.entries.length;
  const notes = notesOf(parent, list);
  const label = looked === 0 ? empty : noMatch(looked, view);
  const info: Node = { kind: 'info', id: `${parent.id}#empty`, parent, label };
  const isBare = rows.length === 0 && (looked > 0 || notes.length === 0);
  const more: Node = { kind: 'loadMore', id: `${parent.id}#more`, parent, shown: looked };
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
