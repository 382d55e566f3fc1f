import { startLocalRegistry, type LocalRegistry } from '../../../src/localRegistry/localRegistry';
import type { ManifestContent } from '../../../src/oci/target';
import type { Repository } from '../../../src/targets/registry/repository';
import { pushArtifact, textBlob } from '../../support/artifacts';
import { newFolder } from './flows';
import { useRegistries } from './registries';
import { testRepository } from './testRepository';

/** An embedded registry that is the only one in the sidebar while a suite runs. */
export class EmbeddedRegistry {
  private registry: LocalRegistry | undefined;

  /** `host:port` while the suite runs. */
  get host(): string {
    return this.registry ? `${this.registry.host}:${this.registry.port}` : '';
  }

  async start(): Promise<void> {
    this.registry = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    await useRegistries({ host: this.host, plainHttp: true });
  }

  async stop(): Promise<void> {
    await useRegistries();
    await this.registry?.stop();
  }

  repository(name: string): Repository {
    return testRepository(this.host, name);
  }

  /** Pushes a text as an untitled layer, under some tags. */
  async pushText(name: string, text: string, ...tags: readonly string[]): Promise<ManifestContent> {
    const target = this.repository(name);
    const manifest = await pushArtifact(target, [textBlob(text)]);
    for (const tag of tags) await target.tag(manifest, tag);
    return manifest;
  }
}

/** Starts an embedded registry before the tests of a suite and stops it after them. */
export function useEmbeddedRegistry(): EmbeddedRegistry {
  const registry = new EmbeddedRegistry();
  before(() => registry.start());
  after(() => registry.stop());
  return registry;
}
