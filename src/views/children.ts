import { UnsupportedError } from '../oci/errors';
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
import { PagedList } from './pagedList';
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
  of<T>(node: Node, open: (signal: AbortSignal, pageSize: number) => AsyncIterable<T>): PagedList<T> {
    const list = this.find(node.id) ?? new PagedList<unknown>(open, PAGE_SIZE);
    this.lists.set(node.id, { node, list });
    return list as PagedList<T>;
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
}

/** The rows below a node. At most one request for a list or a manifest, but for tags by date. Errors: those of the registry target. */
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

async function repositoriesOf(
  node: RegistryNode,
  { lists, settingsOf, viewOf }: ChildrenContext,
): Promise<readonly Node[]> {
  const known = settingsOf(node.target.host).repositories ?? [];
  const list = lists.of(node, (signal, pageSize) => node.registry.repositories({ signal, pageSize }));
  try {
    if (list.entries.length === 0) await list.more();
  } catch (error) {
    if (known.length === 0 || !(error instanceof UnsupportedError)) throw error;
    return groupRepositories(node, shownRepositories(known, viewOf(node.id)));
  }
  const view = viewOf(node.id);
  const names = [...new Set([...list.entries, ...known])];
  const { namespaceWord } = node.registry.profile;
  if (names.length === 0 && namespaceWord !== undefined) return [nothingNamed(node, namespaceWord)];
  const rows = groupRepositories(node, shownRepositories(names, view));
  return pageRows(rows, { parent: node, list, view, empty: 'No repositories yet' });
}

/** Where a registry lists within organizations or projects only, an empty list says that none is named yet. */
function nothingNamed(parent: RegistryNode, namespaceWord: string): Node {
  const label = `Add ${namespaceWord}…`;
  return { kind: 'info', id: `${parent.id}#empty`, parent, label, namespaceWord };
}

async function tagsOf(
  node: RepositoryNode,
  { lists, viewOf, signal }: ChildrenContext,
): Promise<readonly Node[]> {
  const list = lists.of(node, (signal, pageSize) => node.repository.tags({ signal, pageSize }));
  const view = viewOf(node.id);
  if (list.entries.length === 0) await firstPages(list, view, signal);
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

async function referrersOf(node: ReferrersNode, { lists }: ChildrenContext): Promise<readonly Node[]> {
  const { repository } = node.parent;
  const list = lists.of(node, (signal) => repository.referrers(node.subject, { signal }));
  if (list.entries.length === 0) await list.more();
  const rows = list.entries.map((descriptor) => referrerNode(node, descriptor));
  return pageRows(rows, { parent: node, list, empty: 'Nothing refers to this' });
}

async function firstPages(list: PagedList<string>, { order }: ListView, signal: AbortSignal): Promise<void> {
  const pages = order === 'registry' || order === 'date' ? 1 : MAX_SORTED_PAGES;
  for (let page = 0; page < pages && list.hasMore; page++) {
    signal.throwIfAborted();
    await list.more();
  }
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
  const label = looked === 0 ? empty : noMatch(looked, view);
  const info: Node = { kind: 'info', id: `${parent.id}#empty`, parent, label };
  const shown = rows.length > 0 ? rows : [info];
  return list.hasMore
    ? [...shown, { kind: 'loadMore', id: `${parent.id}#more`, parent, shown: looked }]
    : shown;
}

function noMatch(looked: number, view: ListView | undefined): string {
  return view?.filter ? `Nothing matches "${view.filter}" among ${looked}` : `All ${looked} are hidden`;
}
