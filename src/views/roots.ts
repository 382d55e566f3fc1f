import type { MachineSettings } from '../host/machineEntries';
import type { MissingFile } from '../host/missingFiles';
import type { SettingProblem } from '../host/registryEntries';
import type { RegistrySettings } from '../host/settings';
import type { RegistryTarget } from '../oci/registryTarget';
import type { RegistryNode, RepositoryNode, SettingNode } from './nodes';
import { layoutNode, registryNode } from './rootNodes';

/** What the user's settings say about the tree, as they are now. */
export interface TreeSettings {
  readonly registries: readonly RegistrySettings[];
  /** What of them is not understood. */
  readonly problems: readonly SettingProblem[];
  machineOf(host: string): MachineSettings | undefined;
  /** The files of a registry's entry that this machine lacks, as last seen; calls back where that has changed. */
  missingFiles(host: string, onChange: () => void): readonly MissingFile[];
}

/** What the rows at the top stand for. */
export interface RootSources {
  readonly settings: TreeSettings;
  /** Absolute paths of OCI layouts. */
  readonly layouts: () => readonly string[];
  readonly open: (host: string) => RegistryTarget;
  readonly localHost: () => string | undefined;
}

type RootNode = RegistryNode | RepositoryNode;

interface Root {
  /** Equal as long as the row is the same. */
  readonly key: string;
  readonly node: RootNode;
}

/** The rows at the top of the tree: each the same object until what it stands for changes. */
export class Roots {
  private known = new Map<string, Root>();

  constructor(private readonly sources: RootSources) {}

  /** The rows as they are now. `onChanged` hears of each row of before that is gone or stands for something else. */
  read(onChanged: (node: RootNode, isGone: boolean) => void): readonly RootNode[] {
    const before = this.known;
    const roots = onceEach([...this.registries(), ...this.layouts()]);
    this.known = new Map(roots.map((root) => [root.node.id, root]));
    for (const { key, node } of before.values()) {
      const now = this.known.get(node.id);
      if (now?.key !== key) onChanged(node, now === undefined);
    }
    return roots.map(({ node }) => node);
  }

  /** The rows of what is not understood. */
  problems(): readonly SettingNode[] {
    return this.sources.settings.problems.map(({ id, text }) => ({
      kind: 'setting',
      id: `#${id}`,
      label: text,
    }));
  }

  private registries(): Root[] {
    const { settings: known, open, localHost } = this.sources;
    const local = localHost();
    return known.registries.map((settings) => {
      const { host } = settings;
      const key = JSON.stringify([settings, known.machineOf(host), host === local]);
      return this.same(host, key, () => registryNode(open(host), settings, local));
    });
  }

  private layouts(): Root[] {
    const { layouts, open } = this.sources;
    return layouts().map((file) => this.same(layoutNode(file, open).id, '', () => layoutNode(file, open)));
  }

  private same(id: string, key: string, make: () => RootNode): Root {
    const known = this.known.get(id);
    return known?.key === key ? known : { key, node: make() };
  }
}

/** VS Code shows nothing of a view in which two rows have one id: the first stands for both. */
function onceEach(roots: readonly Root[]): readonly Root[] {
  const seen = new Set<string>();
  return roots.filter(({ node: { id } }) => !seen.has(id) && seen.add(id));
}
