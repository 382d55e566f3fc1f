import { isDockerHub } from '../../../transport/dockerHub';
import type { RegistryProvider } from './provider';

/** Docker Hub. */
export const dockerHub: RegistryProvider = {
  kind: 'dockerHub',
  name: 'Docker Hub',
  signIn: { usernamePrompt: 'Docker ID', secretPrompt: 'Password or personal access token' },
  namespaceWord: 'organization or user',
  matches: isDockerHub,
};
