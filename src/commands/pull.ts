import { manifestTargetOf, referenceOf } from '../host/rowTarget';
import { formatReference, type Reference } from '../oci/reference';
import { annotationKeys } from '../oci/annotations';
import { planLayer } from '../operations/planLayer';
import { askReference } from './askReference';
import { askFolder, pullInto } from './pullInto';
import type { Command, Services } from './services';

/** Pulls a row's artifact, or one that is typed, into a folder. */
export const pullArtifact: Command = async (services, row) => {
  const reference = await askPulled(services, row);
  const folder = reference && (await askFolder(`Pull ${formatReference(reference)} into a folder`));
  if (folder) await pullInto(services, { reference, folder });
};

/** Pulls the one file, or folder, that a layer's row stands for. */
export const pullFile: Command = async (services, row) => {
  const target = manifestTargetOf(row);
  const layer = target?.descriptor;
  if (!target || !layer) return;
  const name = layer.annotations?.[annotationKeys.title] ?? 'layer';
  const folder = await askFolder(`Pull "${name}" into a folder`);
  const reference = referenceOf(target);
  if (folder)
    await pullInto(services, { reference, folder, plan: (source, wait) => planLayer(source, layer, wait) });
};

/** The reference of the row, or one that is typed. */
export async function askPulled(services: Services, row: unknown): Promise<Reference | undefined> {
  const target = manifestTargetOf(row);
  if (target) return referenceOf(target);
  return askReference(services, { title: 'Pull OCI artifact: from where', needs: 'tagOrDigest' });
}
