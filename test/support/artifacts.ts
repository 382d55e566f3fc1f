import { Readable } from 'node:stream';
import { annotationKeys } from '../../src/oci/annotations';
import type { Descriptor } from '../../src/oci/descriptor';
import { digestOf } from '../../src/oci/digest';
import { encodeImageManifest, type ImageManifestFields } from '../../src/oci/manifest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import type { ContentSource, ManifestContent, Writer } from '../../src/oci/target';

/** A blob in memory with its descriptor. */
export interface TestBlob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** Bytes as a source that can be opened again and again. */
export function sourceOf(bytes: Uint8Array): ContentSource {
  return { open: async () => Readable.from([Buffer.from(bytes)], { objectMode: false }) };
}

/** A blob of text. */
export function textBlob(text: string, mediaType: string = mediaTypes.ociLayer): TestBlob {
  const bytes = Buffer.from(text);
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

/** The bytes of a file, with its title. */
export function fileBlob(title: string, bytes: Buffer): TestBlob {
  const annotations = { [annotationKeys.title]: title };
  return {
    bytes,
    descriptor: { mediaType: mediaTypes.octets, digest: digestOf(bytes), size: bytes.length, annotations },
  };
}

/** The empty JSON config. */
export const emptyConfig: TestBlob = textBlob('{}', mediaTypes.ociEmpty);

/** A manifest over blobs, with the empty config unless `fields` says otherwise. */
export function manifestOf(
  layers: readonly TestBlob[],
  fields: Partial<ImageManifestFields> = {},
): ManifestContent {
  const bytes = encodeImageManifest({
    artifactType: 'application/vnd.example.test',
    config: emptyConfig.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    ...fields,
  });
  return {
    bytes,
    descriptor: { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length },
  };
}

/** Pushes blobs, the empty config and the manifest over them, in that order. */
export async function pushArtifact(
  target: Writer,
  layers: readonly TestBlob[],
  fields?: Partial<ImageManifestFields>,
): Promise<ManifestContent> {
  const manifest = manifestOf(layers, fields);
  for (const { descriptor, bytes } of [...layers, emptyConfig])
    await target.push(descriptor, sourceOf(bytes));
  await target.push(manifest.descriptor, sourceOf(manifest.bytes));
  return manifest;
}

/** All names of a list. */
export async function collect<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const entry of list) found.push(entry);
  return found;
}
