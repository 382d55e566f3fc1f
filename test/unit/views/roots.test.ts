import assert from 'node:assert/strict';
import type { RegistryTarget } from '../../../src/oci/registryTarget';
import { Roots } from '../../../src/views/roots';

describe('The rows at the top', () => {
  const open = (host: string) =>
    ({ host, repository: (name: string) => ({ name }) }) as unknown as RegistryTarget;

  it('are one for a host, or a layout, that stands twice', () => {
    const roots = new Roots({
      settings: {
        registries: [{ host: 'ghcr.io' }, { host: 'r.test' }, { host: 'ghcr.io', namespaces: ['x'] }],
        problems: [],
        machineOf: () => undefined,
        missingFiles: () => [],
      },
      layouts: () => ['/data/app', '/data/app/', '/data/app2'],
      open,
      localHost: () => undefined,
    });
    const ids = roots.read(() => undefined).map(({ id }) => id);
    assert.deepEqual(ids, ['ghcr.io', 'r.test', 'layout:/data/app', 'layout:/data/app2']);
  });
});
