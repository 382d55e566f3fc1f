import type { TargetRow, RowTarget } from '../host/rowTarget';
import type { Descriptor } from '../oci/descriptor';
import type { Manifest } from '../oci/manifest';
import type { RegistryTarget, RepositoryTarget } from '../oci/registryTarget';
import { signatureName } from '../oci/signatureTags';
import type { Referring } from '../operations/referring';

/** What every row of the tree has. Nodes know nothing of VS Code; src/views/rows.ts gives them a face. */
interface NodeBase {
  /** Stable and unique: survives a refresh. */
  readonly id: string;
  readonly parent?: Node | undefined;
}

export interface RegistryNode extends NodeBase, TargetRow {
  readonly kind: 'registry';
  readonly registry: RegistryTarget;
  /** What makes it special: the local registry, plain HTTP, no verification. */
  readonly traits: readonly ('local' | 'plainHttp' | 'insecure')[];
}

export interface GroupNode extends NodeBase {
  readonly kind: 'group';
  readonly registryNode: RegistryNode;
  /** Path from the registry, without a slash at the end. */
  readonly path: string;
  readonly label: string;
  readonly children: readonly (GroupNode | RepositoryNode)[];
}

export interface RepositoryNode extends NodeBase, TargetRow {
  readonly kind: 'repository';
  readonly repository: RepositoryTarget;
  readonly label: string;
  readonly target: RowTarget & { readonly repository: string };
}

/** A manifest, by tag, as a platform of an index, or as a referrer. */
export interface ManifestNode extends NodeBase, TargetRow {
  readonly kind: 'tag' | 'platform' | 'referrer';
  readonly repository: RepositoryTarget;
  readonly label: string;
  readonly target: RowTarget & { readonly repository: string };
}

export interface ContentNode extends NodeBase, TargetRow {
  readonly kind: 'layer' | 'config';
  readonly descriptor: Descriptor;
  readonly target: RowTarget;
}

/** The closed list of referrers of a manifest; asked for when it is opened. */
export interface ReferrersNode extends NodeBase {
  readonly kind: 'referrers';
  readonly parent: ManifestNode;
  readonly subject: Descriptor;
}

export interface LoadMoreNode extends NodeBase {
  readonly kind: 'loadMore';
  readonly parent: Node;
  readonly shown: number;
}

/** A row beside children or in their place: `info` when there are none, `error` for why some are missing. */
export interface MessageNode extends NodeBase {
  readonly kind: 'info' | 'error';
  readonly parent: Node;
  readonly label: string;
  readonly error?: unknown;
  /** True where trying again reads on behind the rows that are shown. */
  readonly readsOn?: boolean;
  /** Each thing that is left out, with its reason, one a line. */
  readonly detail?: string;
  /** True where it is the user's settings that name it. */
  readonly inSettings?: boolean;
  /** What to name so that there is something to list, e.g. `organization`. */
  readonly namespaceWord?: string;
  readonly target?: RowTarget;
}

/** A row in place of children that have not arrived: still waited for, or no longer. */
export interface WaitingNode extends NodeBase {
  readonly kind: 'waiting';
  readonly parent: Node;
  readonly isStopped: boolean;
}

/** A part of a setting that is not understood, in place of the rows that it would give. */
export interface SettingNode extends NodeBase {
  readonly kind: 'setting';
  /** What is wrong, as a sentence. */
  readonly label: string;
}

export type Node =
  | RegistryNode
  | GroupNode
  | RepositoryNode
  | ManifestNode
  | ContentNode
  | ReferrersNode
  | LoadMoreNode
  | MessageNode
  | WaitingNode
  | SettingNode;

/** The nearest registry above a node. */
export function registryNodeOf(node: Node): RegistryNode | undefined {
  return node.kind === 'registry' ? node : node.parent && registryNodeOf(node.parent);
}

/** Whether a node is the one of an id, or below it. */
export function isBelow(node: Node, id: string): boolean {
  return node.id === id || (node.parent !== undefined && isBelow(node.parent, id));
}

/** A tag's row, below its repository. */
export function tagNode(parent: RepositoryNode, tag: string): ManifestNode {
  const target = { ...parent.target, tag };
  return {
    kind: 'tag',
    id: `${parent.id}:${tag}`,
    parent,
    repository: parent.repository,
    label: tag,
    target,
  };
}

/** The rows below a manifest whose content is known: platforms of an index, else config and layers, then referrers. */
export function manifestChildren(parent: ManifestNode, root: Descriptor, manifest: Manifest): Node[] {
  const platforms = manifest.manifests.map((descriptor, at) => childManifest(parent, descriptor, at));
  const layers = manifest.layers.map((descriptor, at) => content(parent, 'layer', descriptor, at));
  const config =
    manifest.config && !isEmptyConfig(manifest.config) ? [content(parent, 'config', manifest.config, 0)] : [];
  return [
    ...platforms,
    ...layers,
    ...config,
    { kind: 'referrers', id: `${parent.id}#referrers`, parent, subject: root },
  ];
}

/** A referrer's row, below the list of referrers; it stands for the tag that it was found by, else for its digest. */
export function referrerNode(parent: ReferrersNode, { descriptor, signature }: Referring): ManifestNode {
  const { repository, target } = parent.parent;
  const byDigest = digestTarget(target, descriptor);
  return {
    kind: 'referrer',
    id: `${parent.id}/${signature?.tag ?? descriptor.digest}`,
    parent,
    repository,
    label: signature ? signatureName(signature) : (descriptor.artifactType ?? descriptor.mediaType),
    target: signature ? { ...byDigest, tag: signature.tag } : byDigest,
  };
}

function childManifest(parent: ManifestNode, descriptor: Descriptor, at: number): ManifestNode {
  const { repository, target } = parent;
  const { platform, artifactType, mediaType } = descriptor;
  const known = platform && platform.os && platform.os !== 'unknown';
  const label = known
    ? [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/')
    : (artifactType ?? mediaType);
  const id = `${parent.id}/${at}@${descriptor.digest}`;
  return { kind: 'platform', id, parent, repository, label, target: digestTarget(target, descriptor) };
}

function content(
  parent: ManifestNode,
  kind: 'layer' | 'config',
  descriptor: Descriptor,
  at: number,
): ContentNode {
  const id = `${parent.id}/${kind}${at}@${descriptor.digest}`;
  return { kind, id, parent, descriptor, target: digestTarget(parent.target, descriptor) };
}

function digestTarget({ host, repository }: RowTarget & { repository: string }, descriptor: Descriptor) {
  return { host, repository, descriptor };
}

function isEmptyConfig({ mediaType, size }: Descriptor): boolean {
  return mediaType === 'application/vnd.oci.empty.v1+json' && size === 2;
}
