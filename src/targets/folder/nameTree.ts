import { nameKey } from './nameKey';

/** A name in a tree, with what the tree's owner keeps about it. */
export interface NameNode<T> {
  /** As it was spelled first; empty for the top. */
  readonly name: string;
  readonly parent: NameNode<T> | undefined;
  value: T;
  children?: Map<string, NameNode<T>>;
}

/**
 * Names below a folder, found by what counts as one name on a platform's disk. Keeps each part of a path once: a list of
 * whole paths would grow with the square of their depth.
 */
export class NameTree<T> {
  readonly top: NameNode<T>;

  constructor(
    value: T,
    private readonly platform: NodeJS.Platform,
  ) {
    this.top = { name: '', parent: undefined, value };
  }

  child(node: NameNode<T>, name: string): NameNode<T> | undefined {
    return node.children?.get(nameKey(name, this.platform));
  }

  /** Adds a name that is not there yet. */
  add(parent: NameNode<T>, name: string, value: T): NameNode<T> {
    const node = { name, parent, value };
    parent.children ??= new Map();
    parent.children.set(nameKey(name, this.platform), node);
    return node;
  }

  /** The node at a path in parts; undefined where there is none. */
  find(parts: readonly string[]): NameNode<T> | undefined {
    let node: NameNode<T> | undefined = this.top;
    for (const part of parts) node = node && this.child(node, part);
    return node;
  }

  /** The path of a node, with `/`; empty for the top. */
  pathOf(node: NameNode<T>): string {
    const names: string[] = [];
    for (let at = node; at.parent; at = at.parent) names.unshift(at.name);
    return names.join('/');
  }

  /** Every node below the top, each before its children, in the order in which they were added. */
  *nodes(): Generator<NameNode<T>> {
    const ahead = [this.top];
    for (let node = ahead.pop(); node; node = ahead.pop()) {
      if (node !== this.top) yield node;
      for (const child of [...(node.children?.values() ?? [])].reverse()) ahead.push(child);
    }
  }
}
