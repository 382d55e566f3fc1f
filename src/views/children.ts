import { UnsupportedError } from '../oci/errors';
import { parseManifest } from '../oci/manifest';
import type { RegistrySettings } from '../host/settings';
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
import { PagedList } from './pagedList';

/** How many entries one page of a list shows. One request brings as many. */
export const PAGE_SIZE = 100;

/** The lists that are open, by node id; dropped on refresh. */
export class OpenLists {
  private readonly lists = new Map<string, PagedList<unknown>>();

  /** The list of a node, opened on first use. */
  of<T>(id: string, open: (signal: AbortSignal) => AsyncIterable<T>): PagedList<T> {
    const list = this.lists.get(id) ?? new PagedList<unknown>(open, PAGE_SIZE);
    this.lists.set(id, list);
    return list as PagedList<T>;
  }

  /** The list of a node, if it is open. */
  find(id: string): PagedList<unknown> | undefined {
    return this.lists.get(id);
  }

  /** Forgets the lists of a node and of everything below it; all of them without an id. */
  forget(id = ''): void {
    for (const [known, list] of this.lists) {
      if (!known.startsWith(id)) continue;
      list.dispose();
      this.lists.delete(known);
    }
  }
}

/** What finding children needs besides the node. */
export interface ChildrenContext {
  readonly lists: OpenLists;
  readonly settingsOf: (host: string) => RegistrySettings;
  readonly signal: AbortSignal;
}

/** The rows below a node. At most one request for a list or a manifest. Errors: those of the registry target. */
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
  { lists, settingsOf }: ChildrenContext,
): Promise<readonly Node[]> {
  const known = settingsOf(node.target.host).repositories ?? [];
  const list = lists.of(node.id, (signal) => node.registry.repositories({ signal, pageSize: PAGE_SIZE }));
  try {
    if (list.entries.length === 0) await list.more();
  } catch (error) {
    if (known.length === 0 || !(error instanceof UnsupportedError)) throw error;
    return groupRepositories(node, known);
  }
  const names = [...new Set([...list.entries, ...known])];
  const { namespaceWord } = node.registry.profile;
  if (names.length === 0 && namespaceWord !== undefined) return [nothingNamed(node, namespaceWord)];
  return pageRows(node, groupRepositories(node, names), list, 'No repositories yet');
}

/** Where a registry lists within organizations or projects only, an empty list says that none is named yet. */
function nothingNamed(parent: RegistryNode, namespaceWord: string): Node {
  const label = `Add ${namespaceWord}…`;
  return { kind: 'info', id: `${parent.id}#empty`, parent, label, namespaceWord };
}

async function tagsOf(node: RepositoryNode, { lists }: ChildrenContext): Promise<readonly Node[]> {
  const list = lists.of(node.id, (signal) => node.repository.tags({ signal, pageSize: PAGE_SIZE }));
  if (list.entries.length === 0) await list.more();
  return pageRows(
    node,
    list.entries.map((tag) => tagNode(node, tag)),
    list,
    'No tags',
  );
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
  const list = lists.of(node.id, (signal) => repository.referrers(node.subject, { signal }));
  if (list.entries.length === 0) await list.more();
  return pageRows(
    node,
    list.entries.map((descriptor) => referrerNode(node, descriptor)),
    list,
    'Nothing refers to this',
  );
}

function pageRows(
  parent: Node,
  rows: readonly Node[],
  list: PagedList<unknown>,
  empty: string,
): readonly Node[] {
  if (rows.length === 0) return [{ kind: 'info', id: `${parent.id}#empty`, parent, label: empty }];
  if (!list.hasMore) return rows;
  return [...rows, { kind: 'loadMore', id: `${parent.id}#more`, parent, shown: list.entries.length }];
}
