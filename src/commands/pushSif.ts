import path from 'node:path';
import { formatBytes, withByteProgress } from '../host/progress';
import { remember } from '../host/recent';
import { targetOf } from '../host/rowTarget';
import { kindTypes } from '../oci/artifactKinds';
import { formatReference, type Reference } from '../oci/reference';
import type { LocalFile } from '../oci/target';
import { push, type PushResult } from '../operations/push';
import { announce } from './announce';
import { askReference } from './askReference';
import { attempt } from './attempt';
import { destinationOf } from './destinationOf';
import type { Services } from './services';
import { showInTree } from './showInTree';

/** Pushes a Singularity image with the types that `singularity push` writes. Source: sylabs/oras, media types. */
export async function pushSif(services: Services, file: LocalFile, row: unknown): Promise<void> {
  const target = targetOf(row);
  const reference = await askReference(services, {
    title: `Push the Singularity image ${file.title}: where to`,
    ...(target && { value: [target.host, target.repository].filter(Boolean).join('/') }),
    needs: 'tag',
  });
  if (!reference) return;
  const text = formatReference(reference);
  await remember(services.state, 'reference', text);
  await attempt(services, { what: `Push to ${text} failed`, host: reference.registry }, async () => {
    const { descriptor, pushedBytes, skippedBytes } = await run(services, file, reference);
    const sizes = `${formatBytes(pushedBytes)} sent, ${formatBytes(skippedBytes)} already there`;
    const message = `Pushed the Singularity image ${text} (${sizes}). Digest: ${descriptor.digest}`;
    const { registry: host, repository, tag = '' } = reference;
    void announce(services, message, { host, repository, tag, descriptor });
    await showInTree(services, reference);
  });
}

/** The type stands in the config, as image-spec v1.0 has it: Singularity reads nothing else. */
async function run(services: Services, file: LocalFile, reference: Reference): Promise<PushResult> {
  const during = `Pushing ${formatReference(reference)}`;
  const registry = services.openRegistry(reference.registry, { during });
  const source = services.newFileSource();
  const image = { path: file.path, title: path.basename(file.path), mediaType: kindTypes.sifLayer };
  try {
    return await withByteProgress(during, (job) =>
      push(source, destinationOf(registry, reference.repository, job.signal), {
        files: [image],
        artifactType: kindTypes.sifConfig,
        imageSpec: 'v1.0',
        tags: reference.tag ? [reference.tag] : [],
        ...job,
      }),
    );
  } finally {
    await source.dispose();
  }
}
