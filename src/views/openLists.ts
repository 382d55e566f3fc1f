import { isBelow, type Node } from './nodes';
import { PagedList, type EntryKey, type ListBefore, type OpenList } from './pagedList';

/** How many entries one page of a list shows. One request brings as many, but where a list is searched. */
export const PAGE_SIZE = 100;

/** The lists that are open, by node id; dropped on refresh. */
export class OpenLists {
  private readonly lists = new Map<string, { readonly node: Node; readonly list: PagedList<unknown> }>();
  private readonly dates = new Map<string, Map<string, number | undefined>>();
  private readonly before = new Map<string, ListBefore<unknown> & { readonly node: Node }>();

  /** The list of a node, opened on first use. */
  of<T>(node: Node, open: OpenList<T>, by?: EntryKey<T>): PagedList<T> {
    const list = (this.find(node.id) as PagedList<T> | undefined) ?? this.opened(node.id, open, by);
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
    for (const [id, { node: known }] of this.before) {
      if (!node || isBelow(known, node.id)) this.before.delete(id);
    }
    this.drop(node);
  }

  /** Has the same lists asked for again. What they hold stands in for what then cannot be had. */
  refresh(node?: Node): void {
    for (const { node: known, list } of this.lists.values()) {
      if (!node || isBelow(known, node.id)) this.keep(known, list.entries, 0);
    }
    this.drop(node);
  }

  /** Has the list of one node asked for again, as far as it is shown; those below it stay. */
  reread(node: Node): void {
    const list = this.find(node.id);
    if (!list) return;
    this.keep(node, list.entries, list.entries.length);
    this.end(node.id, list);
  }

  private keep(node: Node, entries: readonly unknown[], count: number): void {
    this.before.set(node.id, { node, entries, count });
  }

  private opened<T>(id: string, open: OpenList<T>, by?: EntryKey<T>): PagedList<T> {
    const before = this.before.get(id) as ListBefore<T> | undefined;
    this.before.delete(id);
    return new PagedList<T>(open, PAGE_SIZE, by, before);
  }

  private drop(node?: Node): void {
    for (const [id, { node: known, list }] of this.lists) {
      if (!node || isBelow(known, node.id)) this.end(id, list);
    }
  }

  private end(id: string, list: PagedList<unknown>): void {
    list.dispose();
    this.lists.delete(id);
    this.dates.delete(id);
  }
}
