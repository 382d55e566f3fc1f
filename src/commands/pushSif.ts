import path from 'node:path';
import { targetOf } from '../host/rowTarget';
import { kindTypes } from '../oci/artifactKinds';
import type { PushDefinition } from '../oci/pushDefinition';
import { formatReference } from '../oci/reference';
import type { LocalFile } from '../oci/target';
import { askReference } from './askReference';
import { pushDefined } from './pushAndTell';
import type { Services } from './services';

/**
 * Pushes a Singularity image with the types that `singularity push` writes: the type stands in the config, as
 * image-spec v1.0 has it, for Singularity reads nothing else. Source: sylabs/oras, media types.
 */
export async function pushSif(services: Services, file: LocalFile, row: unknown): Promise<void> {
  const target = targetOf(row);
  const reference = await askReference(services, {
    title: `Push the Singularity image ${file.title}: where to`,
    ...(target && { value: [target.host, target.repository].filter(Boolean).join('/') }),
    needs: 'tag',
  });
  if (!reference) return;
  const definition: PushDefinition = {
    to: formatReference(reference),
    artifactType: kindTypes.sifConfig,
    imageSpec: 'v1.0',
    files: [{ path: file.path, title: path.basename(file.path), mediaType: kindTypes.sifLayer }],
  };
  await pushDefined(services, { definition, folder: path.dirname(file.path) });
}
