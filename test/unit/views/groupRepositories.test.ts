import assert from 'node:assert/strict';
import type { RegistryTarget } from '../../../src/oci/registryTarget';
import { groupRepositories } from '../../../src/views/groupRepositories';
import type { Node, RegistryNode } from '../../../src/views/nodes';

describe('groupRepositories', () => {
  const registry = { host: 'r.test', repository: (name: string) => ({ name }) } as unknown as RegistryTarget;
  const parent: RegistryNode = {
    kind: 'registry',
    id: 'r.test',
    registry,
    target: { host: 'r.test' },
    traits: [],
  };

  /** `group[children]` or the label. */
  function shape(node: Node): string {
    if (node.kind === 'group') return `${node.label}[${node.children.map(shape).join(' ')}]`;
    return 'label' in node ? node.label : node.kind;
  }

  const rows: readonly (readonly [string, readonly string[], string])[] = [
    ['keeps single names flat', ['a', 'b'], 'a b'],
    ['groups siblings by path', ['demo/a', 'demo/b'], 'demo[a b]'],
    ['makes no group for one entry', ['demo/a', 'x'], 'demo/a x'],
    ['joins groups that have one group only', ['a/b/c', 'a/b/d'], 'a/b[c d]'],
    ['shows a repository beside the group of its name', ['demo', 'demo/a', 'demo/b'], 'demo[a b] demo'],
    ['sorts numbers as people do', ['v10', 'v9'], 'v9 v10'],
  ];
  for (const [title, names, expected] of rows) {
    it(title, () => assert.equal(groupRepositories(parent, names).map(shape).join(' '), expected));
  }

  it('gives each row the full name and a unique id', () => {
    const ids = new Set<string>();
    const names: string[] = [];
    const visit = (node: Node): void => {
      ids.add(node.id);
      if (node.kind === 'group') node.children.forEach(visit);
      if (node.kind === 'repository') names.push(node.target.repository);
    };
    groupRepositories(parent, ['demo', 'demo/a', 'demo/b/c', 'demo/b/d']).forEach(visit);
    assert.deepEqual(names.sort(), ['demo', 'demo/a', 'demo/b/c', 'demo/b/d']);
    assert.equal(ids.size, 6);
  });
});
