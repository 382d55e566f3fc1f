import { UnsupportedError } from '../../oci/errors';
import { layoutPath } from '../../oci/layoutPlace';
import type { RegistryProfile } from '../../oci/registryProfile';
import type { PingResult, RegistryTarget } from '../../oci/registryTarget';
import { LayoutRepository } from './layoutRepository';

const PROFILE: RegistryProfile = { kind: 'generic', name: 'OCI image layout', signIn: {} };

/** A folder with OCI layouts in the shape of a registry, so that all that works on one works on files. No network. */
export class LayoutRegistry implements RegistryTarget {
  readonly profile = PROFILE;

  /** `host` is that of a `layoutPlace`. */
  constructor(readonly host: string) {}

  async ping(): Promise<PingResult> {
    return { access: 'open' };
  }

  /** `name` is the file name of a layout folder or archive. */
  repository(name: string): LayoutRepository {
    return new LayoutRepository({ host: this.host, name });
  }

  repositories(): AsyncIterable<string> {
    throw this.unsupported('listing repositories');
  }

  async createRepository(): Promise<void> {
    throw this.unsupported('creating repositories');
  }

  async removeRepository(name: string): Promise<void> {
    throw this.unsupported(`deleting ${layoutPath({ host: this.host, name })}`);
  }

  private unsupported(ability: string): UnsupportedError {
    return new UnsupportedError(ability, 'A folder of OCI layouts');
  }
}
