import * as vscode from 'vscode';
import type { ArtifactTree } from '../host/artifactTree';
import type { ListChoices } from '../host/listChoices';
import { withProgress } from '../host/progress';
import type { RegistrySettings } from '../host/settings';
import type { Digest } from '../oci/digest';
import { isAbort } from '../oci/errors';
import type { Reference } from '../oci/reference';
import type { RegistryTarget } from '../oci/registryTarget';
import { boundedRow } from './boundedRow';
import { childrenOfNode, namedRows } from './children';
import { errorNode } from './notes';
import type { Node, RegistryNode } from './nodes';
import { OpenLists } from './openLists';
import { Roots, type TreeSettings } from './roots';
import { RowAnswers } from './rowAnswers';
import { registryTooltip, rowOf, warnOfFile } from './rows';
import { searchList } from './searchList';
import { matchesFilter, type ListView } from './shownNames';

/** What the tree is made from; given by wiring/main.ts. */
export interface TreeSources {
  readonly settings: TreeSettings;
  /** Absolute paths of OCI layouts to show beside the registries. */
  readonly layouts: () => readonly string[];
  readonly choices: ListChoices;
  readonly open: (host: string) => RegistryTarget;
  /** The host of the local registry while it runs. */
  readonly localHost: () => string | undefined;
  /** What a registry says is left of its pulls, for people. */
  readonly rateLimitOf: (host: string) => string | undefined;
  readonly onFailure: (what: string, error: unknown) => void;
}

const REVEAL_PAUSE_MS = 200;
/** Rows that are shown without opening them. */
const LEAVES = new Set<Node['kind']>(['tag', 'referrer']);

/** Registries, repositories, tags and what is in them, as a tree. Failures are rows. */
export class ArtifactTreeProvider implements vscode.TreeDataProvider<Node>, ArtifactTree, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly lists = new OpenLists();
  private readonly answers = new RowAnswers({
    read: (node, signal) => this.childrenOrError(node, signal),
    onChange: (node) => this.changed.fire(node),
    known: (node) =>
      namedRows(node, { settingsOf: (host) => this.settingsOf(host), viewOf: (id) => this.viewOf(id) }),
  });
  private readonly roots: Roots;
  private readonly view: vscode.TreeView<Node>;

  constructor(
    viewId: string,
    private readonly sources: TreeSources,
  ) {
    this.roots = new Roots(sources);
    this.view = vscode.window.createTreeView(viewId, {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: true,
    });
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = rowOf(node, this.sources.choices.filterOf(node.id));
    // Not by resolveTreeItem: with one, every label of the tree gets a second accessible name.
    if (node.kind === 'registry') {
      const [missing] = this.missingFiles(node);
      item.tooltip = registryTooltip(node, this.sources.rateLimitOf(node.target.host));
      if (missing) warnOfFile(item, missing);
    }
    return boundedRow(item);
  }

  getParent(node: Node): Node | undefined {
    return node.parent;
  }

  /** Asked for twice, the same answer serves both until a refresh. */
  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return [...this.roots.problems(), ...this.answers.record(this.rootNodes())];
    if (node.kind === 'group') return [...this.answers.record(node.children)];
    return [...(await this.answers.inTime(node))];
  }

  refresh(row?: unknown): void {
    if (this.isNode(row) && row.kind === 'error' && row.readsOn) return void this.loadMore(row);
    const node = this.isNode(row) ? this.asHandedOut(refreshable(row)) : undefined;
    this.lists.refresh(node);
    this.answers.forget(node);
    if (node?.kind === 'group') return this.rereadGroups(node.registryNode);
    this.changed.fire(node);
  }

  /** What is in a group comes with the list of its registry. */
  private rereadGroups(registry: Node): void {
    this.lists.reread(registry);
    this.showAnew(registry);
  }

  refreshHost(host: string): void {
    for (const node of this.rootNodes()) {
      if (node.target.host !== host) continue;
      this.forget(node);
      this.changed.fire(this.answers.find(node.id));
    }
  }

  update(): void {
    this.rootNodes();
    this.changed.fire(undefined);
  }

  stopWaiting(row: unknown): void {
    if (!this.isNode(row)) return;
    const node = row.kind === 'waiting' ? row.parent : row;
    this.answers.stop(node);
    this.lists.forget(node);
  }

  async loadMore(row: unknown): Promise<void> {
    if (!this.isNode(row) || (row.kind !== 'loadMore' && row.kind !== 'error')) return;
    const { parent } = row;
    if (this.sources.choices.filterOf(parent.id)) return this.search(parent);
    try {
      await this.lists.find(parent.id)?.more();
    } catch (error) {
      if (isAbort(error)) return;
      this.failed(parent, error);
    }
    this.showAnew(parent);
  }

  filterOf(row: unknown): string | undefined {
    return this.isNode(row) ? this.sources.choices.filterOf(row.id) : undefined;
  }

  async filter(row: unknown, text: string): Promise<void> {
    if (!this.isNode(row)) return;
    this.sources.choices.filter(row.id, text);
    this.showAnew(row);
    await this.revealNode(row);
    if (text !== '') await this.search(row);
  }

  async reveal(reference: Reference): Promise<void> {
    const node = await this.nearest(reference);
    if (node) await this.revealNode(node);
  }

  async revealRegistry(host: string): Promise<void> {
    const root = this.rootNodes().find(({ id }) => id === host);
    if (root) await this.revealNode(root);
  }

  async revealReferrer(subject: Reference, digest: Digest, row?: unknown): Promise<void> {
    const node = this.isNode(row) ? row : await this.nearest(subject);
    if (!node) return;
    const referrers = await this.find(node, `${node.id}#referrers`);
    const found = referrers && (await this.find(referrers, `${referrers.id}/${digest}`));
    await this.revealNode(found ?? referrers ?? node);
  }

  /** The row of a tag, else of its repository, else of its registry. */
  private async nearest({ registry, repository, tag }: Reference): Promise<Node | undefined> {
    const nodes = this.rootNodes();
    const repositoryId = `${registry}/${repository}`;
    const root = nodes.find(({ id }) => id === registry);
    const repositoryNode = root
      ? await this.find(root, repositoryId)
      : nodes.find(({ id }) => id === repositoryId);
    const found =
      repositoryNode && tag ? await this.find(repositoryNode, `${repositoryNode.id}:${tag}`) : repositoryNode;
    return found ?? repositoryNode ?? root;
  }

  dispose(): void {
    this.forget();
    this.view.dispose();
    this.changed.dispose();
  }

  /** Hits are shown as they come; what was found stays when it is cancelled or fails. */
  private async search(node: Node): Promise<void> {
    const filter = this.sources.choices.filterOf(node.id) ?? '';
    try {
      await this.answers.whole(node);
      const list = this.lists.find(node.id);
      if (!list?.hasMore) return;
      const matches = (name: string) => matchesFilter(name, filter);
      await withProgress(`Looking for "${filter}" in ${node.id}`, (job) =>
        searchList(list, { ...job, matches, onHits: () => this.showAnew(node) }),
      );
    } catch (error) {
      if (isAbort(error)) return;
      this.failed(node, error);
      this.showAnew(node);
    }
  }

  /** Draws a row and what is below it again, from what was read already. */
  private showAnew(node: Node): void {
    this.answers.redo(node);
    this.changed.fire(this.asHandedOut(node));
  }

  /** VS Code knows a row by identity, and passes over one that only looks like it. */
  private asHandedOut(node: Node | undefined): Node | undefined {
    return node && (this.answers.find(node.id) ?? node);
  }

  private missingFiles(node: RegistryNode) {
    const redraw = () => this.changed.fire(this.asHandedOut(node));
    return this.sources.settings.missingFiles(node.target.host, redraw);
  }

  private rootNodes() {
    return this.roots.read((node, isGone) => {
      this.lists.forget(node);
      if (isGone) this.answers.drop(node);
      else this.answers.forget(node);
    });
  }

  private forget(node?: Node): void {
    this.lists.forget(node);
    this.answers.forget(node);
  }

  private viewOf(id: string): ListView {
    const { choices } = this.sources;
    return { filter: choices.filterOf(id), order: choices.order, hidesDigestTags: choices.hidesDigestTags };
  }

  /** VS Code refuses to reveal in a view that is just being drawn for the first time; a moment later it can. */
  private async revealNode(node: Node, triesLeft = 10): Promise<void> {
    try {
      await this.view.reveal(node, { select: true, focus: false, expand: !LEAVES.has(node.kind) });
      if (this.view.selection.some(({ id }) => id === node.id)) return;
    } catch (error) {
      this.sources.onFailure(`Cannot reveal ${node.id} yet`, error);
    }
    if (triesLeft === 0) return;
    await new Promise((resolve) => setTimeout(resolve, REVEAL_PAUSE_MS));
    if (!this.view.selection.some(({ id }) => id === node.id)) await this.revealNode(node, triesLeft - 1);
  }

  private async childrenOrError(node: Node, signal: AbortSignal): Promise<Node[]> {
    try {
      const settingsOf = (host: string) => this.settingsOf(host);
      const viewOf = (id: string) => this.viewOf(id);
      const onFailure = (error: unknown) => this.failed(node, error);
      return [...(await childrenOfNode(node, { lists: this.lists, settingsOf, viewOf, signal, onFailure }))];
    } catch (error) {
      if (isAbort(error)) return [];
      this.failed(node, error);
      return [errorNode(node, error)];
    }
  }

  private failed(node: Node, error: unknown): void {
    this.sources.onFailure(`Cannot show all that is in ${node.id}`, error);
  }

  private settingsOf(host: string): RegistrySettings {
    return this.sources.settings.registries.find((entry) => entry.host === host) ?? { host };
  }

  /** Looks for a row by id below `node`, through the groups on the way. */
  private async find(node: Node, id: string): Promise<Node | undefined> {
    const children = node.kind === 'group' ? node.children : await this.answers.fresh(node);
    for (const child of children) {
      if (child.id === id) return child;
      if (child.kind === 'group' && id.startsWith(child.id)) {
        const inside = await this.find(child, id);
        if (inside) return inside;
      }
    }
    return undefined;
  }

  private isNode(row: unknown): row is Node {
    return typeof row === 'object' && row !== null && 'kind' in row && 'id' in row;
  }
}

/** An error row stands for its parent. */
function refreshable(node: Node): Node | undefined {
  return node.kind === 'error' || node.kind === 'info' || node.kind === 'waiting' ? node.parent : node;
}
