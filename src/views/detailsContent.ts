import type { DetailsContent, LayerRow, ManifestRow, Property } from '../../media/details/messages';
import { formatBytes } from '../host/progress';
import { referenceText, type ManifestTarget } from '../host/rowTarget';
import { annotationKeys } from '../oci/annotations';
import { platformName, type Descriptor } from '../oci/descriptor';
import type { UsableManifest } from '../oci/manifest';
import { unusableText } from './notes';
import { kindOf } from '../oci/artifactKinds';
import { signatureName } from '../oci/signatureTags';
import type { Referring } from '../operations/referring';

/** What the details page shows of a manifest, as texts. */
export function detailsContent(
  target: ManifestTarget,
  root: Descriptor,
  manifest: UsableManifest,
): DetailsContent {
  return {
    reference: referenceText(target),
    kindName: kindOf(manifest.artifactType).name,
    properties: propertiesOf(root, manifest),
    annotations: Object.entries(manifest.annotations).map(([name, value]) => ({ name, value })),
    platforms: manifest.manifests.map(manifestRow),
    layers: manifest.layers.map(layerRow),
  };
}

/** A referrer as a row; by its tag where that is how it was found. */
export function referringRow({ descriptor, signature }: Referring): ManifestRow {
  const row = manifestRow(descriptor);
  return signature ? { ...row, name: signatureName(signature), type: signature.tag } : row;
}

/** A child manifest as a row. */
export function manifestRow(descriptor: Descriptor): ManifestRow {
  const { artifactType, mediaType, platform, digest, size } = descriptor;
  const kind = kindOf(artifactType).name;
  const type = artifactType ?? mediaType;
  const name = platform && platform.os !== 'unknown' ? platformName(platform) : kind || type;
  return { name, type, size: formatBytes(size), digest };
}

function layerRow({ annotations, mediaType, size, digest }: Descriptor): LayerRow {
  const title = annotations?.[annotationKeys.title] ?? '';
  const isFolder = annotations?.[annotationKeys.contentUnpack] === 'true';
  return { title: isFolder ? `${title}/` : title, mediaType, size: formatBytes(size), digest };
}

function propertiesOf(root: Descriptor, manifest: UsableManifest): Property[] {
  const { artifactType, config, layers, subject, annotations } = manifest;
  const contentBytes = layers.reduce((sum, { size }) => sum + size, config?.size ?? 0);
  const entries: readonly (readonly [string, string | undefined])[] = [
    ['Artifact type', artifactType],
    ['Media type', root.mediaType],
    ['Digest', root.digest],
    ['Manifest size', formatBytes(root.size)],
    ['Content size', layers.length > 0 ? formatBytes(contentBytes) : undefined],
    ['Created', annotations[annotationKeys.created]],
    ['Config', config && `${config.mediaType}, ${formatBytes(config.size)}, ${config.digest}`],
    ['Subject', subject?.digest],
    ['Cannot be used', unusableText(manifest.problems)],
  ];
  return entries.flatMap(([name, value]) => (value ? [{ name, value }] : []));
}
