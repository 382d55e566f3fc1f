import * as vscode from 'vscode';
import type { ArtifactTree } from '../host/artifactTree';
import type { RegistrySettings } from '../host/settings';
import type { Digest } from '../oci/digest';
import { isAbort } from '../oci/errors';
import type { Reference } from '../oci/reference';
import type { RegistryTarget } from '../oci/registryTarget';
import { childrenOfNode, OpenLists } from './children';
import type { Node, RegistryNode } from './nodes';
import { registryTooltip, rowOf } from './rows';

/** What the tree is made from; given by extension.ts. */
export interface TreeSources {
  readonly registries: () => readonly RegistrySettings[];
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

interface ChildrenRequest {
  readonly controller: AbortController;
  readonly children: Promise<Node[]>;
}

/** Registries, repositories, tags and what is in them, as a tree. Failures are rows. */
export class ArtifactTreeProvider implements vscode.TreeDataProvider<Node>, ArtifactTree, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly lists = new OpenLists();
  private readonly requests = new Map<string, ChildrenRequest>();
  private readonly view: vscode.TreeView<Node>;

  constructor(
    viewId: string,
    private readonly sources: TreeSources,
  ) {
    this.view = vscode.window.createTreeView(viewId, {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: true,
    });
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = rowOf(node);
    // Not by resolveTreeItem: with one, every label of the tree gets a second accessible name.
    if (node.kind === 'registry') {
      item.tooltip = registryTooltip(node, this.sources.rateLimitOf(node.target.host));
    }
    return item;
  }

  getParent(node: Node): Node | undefined {
    return node.parent;
  }

  /** Asked for twice, the same answer serves both until a refresh. */
  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.registryNodes();
    const known = this.requests.get(node.id);
    if (known) return known.children;
    const controller = new AbortController();
    const request = { controller, children: this.childrenOrError(node, controller.signal) };
    this.requests.set(node.id, request);
    return request.children;
  }

  refresh(row?: unknown): void {
    const node = this.isNode(row) ? refreshable(row) : undefined;
    this.lists.forget(node?.id);
    this.forgetRequests(node?.id ?? '');
    this.changed.fire(node);
  }

  async loadMore(row: unknown): Promise<void> {
    if (!this.isNode(row) || row.kind !== 'loadMore') return;
    const { parent } = row;
    try {
      await this.lists.find(parent.id)?.more();
    } catch (error) {
      if (isAbort(error)) return;
    }
    this.requests.delete(parent.id);
    this.changed.fire(parent);
  }

  async reveal(reference: Reference): Promise<void> {
    const node = await this.nearest(reference);
    if (node) await this.revealNode(node);
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
    const registryNode = this.registryNodes().find(({ target }) => target.host === registry);
    const repositoryNode =
      registryNode && (await this.find(registryNode, `${registryNode.id}/${repository}`));
    const found =
      repositoryNode && tag ? await this.find(repositoryNode, `${repositoryNode.id}:${tag}`) : repositoryNode;
    return found ?? repositoryNode ?? registryNode;
  }

  dispose(): void {
    this.forgetRequests('');
    this.lists.forget();
    this.view.dispose();
    this.changed.dispose();
  }

  private registryNodes(): RegistryNode[] {
    const localHost = this.sources.localHost();
    return this.sources
      .registries()
      .map((settings) => registryNode(this.sources.open(settings.host), settings, localHost));
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
      return [...(await childrenOfNode(node, { lists: this.lists, settingsOf, signal }))];
    } catch (error) {
      if (isAbort(error)) return [];
      this.sources.onFailure(`Cannot show what is in ${node.id}`, error);
      return [{ kind: 'error', id: `${node.id}#error`, parent: node, label: '', error }];
    }
  }

  /** An answer that is still on its way would be stale: it is cancelled. */
  private forgetRequests(idPrefix: string): void {
    for (const [id, { controller }] of this.requests) {
      if (!id.startsWith(idPrefix)) continue;
      controller.abort();
      this.requests.delete(id);
    }
  }

  private settingsOf(host: string): RegistrySettings {
    return this.sources.registries().find((entry) => entry.host === host) ?? { host };
  }

  /** Looks for a row by id below `node`, through the groups on the way. */
  private async find(node: Node, id: string): Promise<Node | undefined> {
    for (const child of await this.getChildren(node)) {
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
  return node.kind === 'error' || node.kind === 'info' ? node.parent : node;
}

function registryNode(
  registry: RegistryTarget,
  settings: RegistrySettings,
  localHost: string | undefined,
): RegistryNode {
  const { host, plainHttp, insecure } = settings;
  const local = host === localHost;
  const traits = [
    ...(local ? (['local'] as const) : []),
    ...(plainHttp && !local ? (['plainHttp'] as const) : []),
    ...(insecure ? (['insecure'] as const) : []),
  ];
  return { kind: 'registry', id: host, registry, target: { host }, traits };
}
