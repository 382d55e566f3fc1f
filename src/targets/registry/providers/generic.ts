import type { RegistryProvider } from './provider';

/** Any registry that follows the spec. */
export const generic: RegistryProvider = {
  kind: 'generic',
  name: 'OCI registry',
  signIn: {},
  matches: () => true,
};
