import type { SecretKeep } from '../../src/credentials/secretStore';

/** Secrets in memory, in place of VS Code's. */
export class MapKeep implements SecretKeep {
  readonly secrets = new Map<string, string>();

  async keys() {
    return [...this.secrets.keys()];
  }

  async get(key: string) {
    return this.secrets.get(key);
  }

  async store(key: string, value: string) {
    this.secrets.set(key, value);
  }

  async delete(key: string) {
    this.secrets.delete(key);
  }
}
