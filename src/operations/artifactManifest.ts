import { annotationKeys } from '../oci/annotations';
import type { Annotations, Descriptor } from '../oci/descriptor';
import { digestOf } from '../oci/digest';
import { InvalidContentError } from '../oci/errors';
import { encodeImageManifest } from '../oci/manifest';
import { mediaTypes } from '../oci/mediaTypes';
import type { ManifestContent } from '../oci/target';

/** The bytes of the empty blob, `{}`. Spec: image-spec v1.1.1 manifest.md, "Guidance for an Empty Descriptor". */
export const EMPTY_BLOB = Buffer.from('{}');

/** The empty blob's descriptor, with its content in `data`. */
export const emptyDescriptor: Descriptor = {
  mediaType: mediaTypes.ociEmpty,
  digest: digestOf(EMPTY_BLOB),
  size: EMPTY_BLOB.length,
  data: EMPTY_BLOB.toString('base64'),
};

/** What an artifact is made of. `created` is RFC 3339; an annotation of that name counts more. */
export interface ArtifactFields {
  readonly artifactType?: string;
  readonly annotations?: Annotations;
  readonly created?: string;
}

const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * The manifest that `oras push` writes for these layers: an empty config, and the empty layer where there are none.
 * Errors: InvalidContentError for a `created` or a type that cannot be written. Spec: image-spec v1.1.1 manifest.md.
 */
export function artifactManifest(layers: readonly Descriptor[], fields: ArtifactFields): ManifestContent {
  const { artifactType = mediaTypes.unknownArtifact, annotations } = checkedFields(fields);
  const bytes = encodeImageManifest({
    artifactType,
    config: emptyDescriptor,
    layers: layers.length > 0 ? layers : [emptyDescriptor],
    ...(annotations && { annotations }),
  });
  const descriptor = {
    mediaType: mediaTypes.ociManifest,
    digest: digestOf(bytes),
    size: bytes.length,
    artifactType,
  };
  return { descriptor, bytes };
}

/** The fields with `created` in the annotations, checked. Errors: InvalidContentError. */
export function checkedFields({ artifactType, annotations = {}, created }: ArtifactFields): ArtifactFields {
  const createdText = annotations[annotationKeys.created] ?? created ?? nowInSeconds();
  if (!isTime(createdText))
    throw new InvalidContentError(
      `The creation time "${createdText}"`,
      'it is not a time as RFC 3339 writes it',
    );
  if (artifactType) requireMediaType(artifactType, 'artifact type');
  return {
    ...(artifactType && { artifactType }),
    annotations: { ...annotations, [annotationKeys.created]: createdText },
  };
}

/** Errors: InvalidContentError. Spec: RFC 6838, section 4.2. */
export function requireMediaType(text: string, what: string): void {
  if (!MEDIA_TYPE.test(text))
    throw new InvalidContentError(`The ${what} "${text}"`, 'it does not have the form type/subtype');
}

function nowInSeconds(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function isTime(text: string): boolean {
  const [, year, month, day] = RFC_3339.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
