import type { GroupNode, RegistryNode, RepositoryNode } from './nodes';

/** A folder of names that is still growing. */
interface Branch {
  readonly names: string[];
  readonly branches: Map<string, Branch>;
}

/**
 * Groups repository names by path: `demo/a`, `demo/b` become a group `demo` with two repositories. A group with one
 * entry only is not made: its name stays whole.
 */
export function groupRepositories(
  parent: RegistryNode,
  names: readonly string[],
): (GroupNode | RepositoryNode)[] {
  const root = newBranch();
  for (const name of names) insert(root, name.split('/').slice(0, -1), name);
  return toNodes({ registryNode: parent, parent, prefix: '' }, root);
}

/** The row of a repository. `label` is the part of its name that its groups do not show. */
export function repositoryNode(
  registryNode: RegistryNode,
  name: string,
  at?: { parent: GroupNode; label: string },
): RepositoryNode {
  return {
    kind: 'repository',
    id: `${registryNode.id}/${name}`,
    parent: at?.parent ?? registryNode,
    repository: registryNode.registry.repository(name),
    label: at?.label ?? name,
    target: { host: registryNode.target.host, repository: name },
  };
}

interface Place {
  readonly registryNode: RegistryNode;
  readonly parent: RegistryNode | GroupNode;
  /** What the groups above show, with a slash at the end; empty at the top. */
  readonly prefix: string;
}

function newBranch(): Branch {
  return { names: [], branches: new Map() };
}

function insert(branch: Branch, path: readonly string[], name: string): void {
  const [first, ...rest] = path;
  if (first === undefined) {
    branch.names.push(name);
    return;
  }
  const next = branch.branches.get(first) ?? newBranch();
  branch.branches.set(first, next);
  insert(next, rest, name);
}

function toNodes(place: Place, branch: Branch): (GroupNode | RepositoryNode)[] {
  const groups = [...branch.branches].map(([name, below]) => groupOrRepository(place, name, below));
  const repositories = branch.names.map((name) => placed(place, name));
  return [...groups, ...repositories].sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
}

function groupOrRepository(place: Place, label: string, branch: Branch): GroupNode | RepositoryNode {
  if (branch.branches.size === 0 && branch.names.length === 1) return placed(place, branch.names[0] ?? label);
  const [only] = branch.branches;
  if (branch.names.length === 0 && branch.branches.size === 1 && only) {
    return groupOrRepository(place, `${label}/${only[0]}`, only[1]);
  }
  const path = place.prefix + label;
  const children: (GroupNode | RepositoryNode)[] = [];
  const group: GroupNode = {
    kind: 'group',
    id: `${place.registryNode.id}/${path}/`,
    parent: place.parent,
    registryNode: place.registryNode,
    path,
    label,
    children,
  };
  children.push(...toNodes({ ...place, parent: group, prefix: `${path}/` }, branch));
  return group;
}

function placed({ registryNode, parent, prefix }: Place, name: string): RepositoryNode {
  const label = name.slice(prefix.length);
  return parent.kind === 'group'
    ? repositoryNode(registryNode, name, { parent, label })
    : repositoryNode(registryNode, name);
}
