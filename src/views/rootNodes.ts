import type { RegistrySettings } from '../host/settings';
import { layoutPlace } from '../oci/layoutPlace';
import type { RegistryTarget } from '../oci/registryTarget';
import type { RegistryNode, RepositoryNode } from './nodes';

/** The row of a registry. `localHost` is that of the local registry while it runs. */
export function registryNode(
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

/** The row of an OCI layout on disk: a repository without a registry above it. */
export function layoutNode(file: string, open: (host: string) => RegistryTarget): RepositoryNode {
  const { host, name } = layoutPlace(file);
  return {
    kind: 'repository',
    id: `${host}/${name}`,
    repository: open(host).repository(name),
    label: name,
    target: { host, repository: name },
  };
}
