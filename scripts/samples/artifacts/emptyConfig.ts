import type { Descriptor } from '../../../src/oci/descriptor';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import type { SampleRegistry } from './sampleRegistry';

/** Pushes the config of an artifact that has none; its bytes stand in the descriptor as well. */
export async function pushEmptyConfig(registry: SampleRegistry, repository: string): Promise<Descriptor> {
  const descriptor = await registry.pushBlob(repository, '{}', mediaTypes.ociEmpty);
  return { ...descriptor, data: Buffer.from('{}').toString('base64') };
}
