import { annotationKeys } from '../oci/annotations';
import type { Annotations, Platform } from '../oci/descriptor';
import { InvalidContentError } from '../oci/errors';
import { mediaTypes } from '../oci/mediaTypes';

/** Which image-spec a manifest is written by: v1.1 has `artifactType` and `subject`, v1.0 neither. */
export type ImageSpec = 'v1.1' | 'v1.0';

/** What an artifact is made of beside its content. `created` is RFC 3339; an annotation of that name counts more. */
export interface ArtifactFields {
  readonly artifactType?: string;
  readonly annotations?: Annotations;
  readonly configAnnotations?: Annotations;
  readonly created?: string;
  /** v1.1 by default, but v1.0 for a config without an artifact type. */
  readonly imageSpec?: ImageSpec;
  /** Writes an image config that names this platform; not together with a config of one's own. */
  readonly artifactPlatform?: Platform;
}

/** What else there is in the artifact. */
export interface ArtifactParts {
  readonly hasConfig: boolean;
  readonly hasSubject: boolean;
}

/** The fields with every rule applied, ready to be written. */
export interface ManifestPlan {
  readonly imageSpec: ImageSpec;
  readonly artifactType?: string;
  readonly annotations: Annotations;
  readonly configAnnotations?: Annotations;
  readonly artifactPlatform?: Platform;
}

const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Decides how a manifest is written, by the rules of `oras push`. Errors: InvalidContentError for fields that do not go
 * together, and for a type or a time that cannot be written.
 */
export function planManifest(fields: ArtifactFields, parts: ArtifactParts): ManifestPlan {
  const { artifactType, artifactPlatform, configAnnotations } = fields;
  if (artifactType) requireMediaType(artifactType, 'artifact type');
  if (artifactPlatform && parts.hasConfig)
    throw conflict('a config file and an artifact platform exclude each other');
  const imageSpec = imageSpecOf(fields, parts);
  if (imageSpec === 'v1.0') refuseForV10(fields, parts);
  const type = imageSpec === 'v1.1' ? artifactType || mediaTypes.unknownArtifact : artifactType;
  return {
    imageSpec,
    ...(type && { artifactType: type }),
    annotations: withCreated(fields),
    ...(configAnnotations && { configAnnotations }),
    ...(artifactPlatform && { artifactPlatform }),
  };
}

/** Errors: InvalidContentError. Spec: RFC 6838, section 4.2. */
export function requireMediaType(text: string, what: string): void {
  if (!MEDIA_TYPE.test(text))
    throw new InvalidContentError(`The ${what} "${text}"`, 'it does not have the form type/subtype');
}

/** A config stands for the artifact's type, so that one without the other is what image-spec v1.0 knows. */
function imageSpecOf(
  { imageSpec, artifactType }: ArtifactFields,
  { hasConfig, hasSubject }: ArtifactParts,
): ImageSpec {
  const typeless = hasConfig && !artifactType;
  if (typeless && imageSpec === 'v1.1')
    throw conflict('image-spec v1.1 asks for an artifact type beside a config file');
  if (typeless && hasSubject) throw conflict('what is attached needs an artifact type');
  return imageSpec ?? (typeless ? 'v1.0' : 'v1.1');
}

function refuseForV10({ artifactType, artifactPlatform }: ArtifactFields, parts: ArtifactParts): void {
  if (parts.hasSubject) throw conflict('image-spec v1.0 knows no subject');
  if (artifactType && parts.hasConfig)
    throw conflict('image-spec v1.0 has no place for an artifact type beside a config file');
  if (artifactType && artifactPlatform)
    throw conflict('image-spec v1.0 has no place for an artifact type beside an artifact platform');
}

function withCreated({ annotations = {}, created }: ArtifactFields): Annotations {
  const text = annotations[annotationKeys.created] ?? created ?? nowInSeconds();
  requireTime(text);
  return { ...annotations, [annotationKeys.created]: text };
}

/** Errors: InvalidContentError. Spec: RFC 3339, section 5.6. */
export function requireTime(text: string): void {
  if (!isTime(text))
    throw new InvalidContentError(`The creation time "${text}"`, 'it is not a time as RFC 3339 writes it');
}

/** UTC, RFC 3339, in whole seconds. */
export function nowInSeconds(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function isTime(text: string): boolean {
  const [, year, month, day] = RFC_3339.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

function conflict(reason: string): InvalidContentError {
  return new InvalidContentError('This combination', reason);
}
