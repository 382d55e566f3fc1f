import type { Annotations, Descriptor, Platform } from './descriptor';
import { isDigest } from './digest';
import { InvalidContentError } from './errors';
import { goJson, sortedMap } from './goJson';
import { isObject, isPresent, isString, stringMap, type Fields } from './jsonFields';
import { orderedPlatform } from './platform';
import { isImageManifestType, isIndexType, mediaTypes } from './mediaTypes';

/** The largest manifest that is read, in bytes. Spec: distribution-spec v1.1.1 asks registries for at least 4 MiB. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

export type ManifestKind =
  | 'image-manifest'
  | 'image-index'
  | 'docker-manifest'
  | 'docker-list'
  | 'docker-schema1'
  | 'artifact-manifest';

/** Any manifest, read tolerantly into one shape. Absent lists are empty, absent maps are empty. */
export interface Manifest {
  readonly kind: ManifestKind;
  readonly mediaType: string;
  /** By the OCI rule: the field, else for an image manifest the config's media type; none for an index without it. */
  readonly artifactType?: string;
  readonly config?: Descriptor;
  /** `layers`, or `blobs` of an artifact manifest. */
  readonly layers: readonly Descriptor[];
  /** `manifests` of an index or list. */
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations: Annotations;
}

/** What an image manifest is made of when it is written. */
export interface ImageManifestFields {
  /** Helm's manifests have none. */
  readonly withoutMediaType?: boolean;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Annotations;
}

const KIND_BY_TYPE: ReadonlyMap<string, ManifestKind> = new Map([
  [mediaTypes.ociManifest, 'image-manifest'],
  [mediaTypes.ociIndex, 'image-index'],
  [mediaTypes.dockerManifest, 'docker-manifest'],
  [mediaTypes.dockerList, 'docker-list'],
  [mediaTypes.dockerSchema1, 'docker-schema1'],
  [mediaTypes.dockerSchema1Signed, 'docker-schema1'],
  [mediaTypes.ociArtifactManifest, 'artifact-manifest'],
]);

/**
 * Reads manifest bytes. `contentType` is what the server announced; the body's own `mediaType` may differ from it only
 * between Docker's and OCI's word for the same thing, and counts then.
 * Errors: InvalidContentError. Spec: image-spec v1.1.1 manifest.md and image-index.md; Docker image manifest v2.
 */
export function parseManifest(bytes: Uint8Array, contentType?: string): Manifest {
  const { problems, ...manifest } = parseUsable(bytes, contentType);
  const [first] = problems;
  if (first) throw unusable(first.reason);
  return manifest;
}

/** An entry of an index that is no usable descriptor: its place in the list, and why, as the end of a sentence. */
export interface EntryProblem {
  readonly at: number;
  readonly reason: string;
}

/** A manifest without the entries of its `manifests` that cannot be used. */
export interface UsableManifest extends Manifest {
  readonly problems: readonly EntryProblem[];
}

/**
 * Reads manifest bytes to show them, or to take one part of an index: an entry that cannot be used does not hide the
 * others. Whatever takes the whole calls `parseManifest`. Errors: InvalidContentError for all else.
 */
export function parseUsable(bytes: Uint8Array, contentType?: string): UsableManifest {
  const fields = parseObject(bytes);
  const mediaType = manifestType(fields, contentType);
  const kind = KIND_BY_TYPE.get(mediaType);
  if (!kind) throw unusable(`its media type "${mediaType}" is not that of a manifest`);
  refuseMixture(fields, kind);
  const config = configOf(fields, kind);
  const subject = isPresent(fields['subject']) ? descriptorAt(fields, 'subject') : undefined;
  const artifactType = artifactTypeOf(fields, kind);
  return {
    kind,
    mediaType,
    ...(artifactType && { artifactType }),
    ...(config && { config }),
    layers: layersOf(fields, kind),
    ...usableEntries(fields),
    ...(subject && { subject }),
    annotations: stringMap(fields['annotations']),
  };
}

/** The manifest's direct children: config, layers and child manifests, without the subject. */
export function childrenOf(manifest: Manifest): readonly Descriptor[] {
  return [...(manifest.config ? [manifest.config] : []), ...manifest.layers, ...manifest.manifests];
}

/** Compact JSON in the field order of `oras`, without a newline. Spec: image-spec v1.1.1 manifest.md. */
export function encodeImageManifest(fields: ImageManifestFields): Buffer {
  return Buffer.from(
    goJson({
      schemaVersion: 2,
      mediaType: fields.withoutMediaType ? undefined : mediaTypes.ociManifest,
      artifactType: fields.artifactType || undefined,
      config: orderedDescriptor(fields.config),
      layers: fields.layers.map(orderedDescriptor),
      subject: fields.subject && orderedDescriptor(fields.subject),
      annotations: sortedMap(fields.annotations),
    }),
  );
}

/** Compact JSON of an image index, or a Docker manifest list. Spec: image-spec v1.1.1 image-index.md. */
export function encodeImageIndex(fields: {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Annotations;
}): Buffer {
  return Buffer.from(
    goJson({
      schemaVersion: 2,
      mediaType: fields.mediaType ?? mediaTypes.ociIndex,
      artifactType: fields.artifactType || undefined,
      manifests: fields.manifests.map(orderedDescriptor),
      subject: fields.subject && orderedDescriptor(fields.subject),
      annotations: sortedMap(fields.annotations),
    }),
  );
}

/** A descriptor with its keys in Go's order and empty members left out. */
export function orderedDescriptor(descriptor: Descriptor): Descriptor {
  const { mediaType, digest, size, urls, annotations, data, platform, artifactType } = descriptor;
  const sorted = sortedMap(annotations);
  return {
    mediaType,
    digest,
    size,
    ...(urls?.length && { urls }),
    ...(sorted && { annotations: sorted }),
    ...(data && { data }),
    ...(platform && { platform: orderedPlatform(platform) }),
    ...(artifactType && { artifactType }),
  };
}

/**
 * Reads one descriptor tolerantly: unknown members dropped, a size that is left out read as 0, so that its content can
 * be asked for by digest but does not verify against it. Errors: InvalidContentError.
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isObject(value)) throw unusable(`${where} is not a descriptor`);
  const { mediaType, digest, size = 0, urls, annotations, data, platform, artifactType } = value;
  if (typeof digest !== 'string' || !isDigest(digest)) throw unusable(`${where} has no usable digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw unusable(`${where} has no usable size`);
  return {
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    digest,
    size,
    ...(Array.isArray(urls) && { urls: urls.filter(isString) }),
    ...(isObject(annotations) && { annotations: stringMap(annotations) }),
    ...(typeof data === 'string' && { data }),
    ...(isObject(platform) && { platform: platformIn(platform) }),
    ...(typeof artifactType === 'string' && artifactType && { artifactType }),
  };
}

function parseObject(bytes: Uint8Array): Fields {
  if (bytes.length > MAX_MANIFEST_BYTES) throw unusable(`it is larger than ${MAX_MANIFEST_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The cause is left out: V8's message quotes the text.
    throw unusable('it is not JSON');
  }
  if (!isObject(value)) throw unusable('it is not a JSON object');
  return value;
}

function manifestType(fields: Fields, contentType: string | undefined): string {
  const announced = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  const own = isString(fields['mediaType']) ? fields['mediaType'] : '';
  if (!KIND_BY_TYPE.has(announced)) return own || guessType(fields);
  if (own && own !== announced && !isSameShape(own, announced)) {
    throw unusable(`it was served as ${announced} but says it is ${own}`);
  }
  return own || announced;
}

function isSameShape(a: string, b: string): boolean {
  return (isIndexType(a) && isIndexType(b)) || (isImageManifestType(a) && isImageManifestType(b));
}

/** Manifests without a media type: OCI 1.0 leaves it out, Helm does so still. */
function guessType(fields: Fields): string {
  const { schemaVersion, signatures, manifests, config } = fields;
  if (schemaVersion === 1) return signatures ? mediaTypes.dockerSchema1Signed : mediaTypes.dockerSchema1;
  if (Array.isArray(manifests)) return mediaTypes.ociIndex;
  if (!isObject(config)) throw unusable('it has no media type, no config and no manifests');
  const isDocker = config['mediaType'] === mediaTypes.dockerConfig;
  return isDocker ? mediaTypes.dockerManifest : mediaTypes.ociManifest;
}

/** A body that can be read as two kinds is refused. Source: CVE-2021-41190, image-spec v1.0.2. */
function refuseMixture(fields: Fields, kind: ManifestKind): void {
  if (kind === 'docker-schema1') return;
  const isList = kind === 'image-index' || kind === 'docker-list';
  const foreign = ['fsLayers', 'history', ...(isList ? ['config', 'layers'] : ['manifests'])];
  const found = foreign.find((name) => isPresent(fields[name]));
  if (found) throw unusable(`it is a ${kind} but has "${found}" as well`);
}

/** A config that names no content, as abridged manifests have it, is no child; its media type counts all the same. */
function configOf(fields: Fields, kind: ManifestKind): Descriptor | undefined {
  if (kind !== 'image-manifest' && kind !== 'docker-manifest') return undefined;
  const config = fields['config'];
  if (isObject(config) && isString(config['mediaType']) && !config['digest']) return undefined;
  return descriptorAt(fields, 'config');
}

function layersOf(fields: Fields, kind: ManifestKind): readonly Descriptor[] {
  if (kind === 'docker-schema1') return [];
  return descriptorsAt(fields, kind === 'artifact-manifest' ? 'blobs' : 'layers');
}

function artifactTypeOf(fields: Fields, kind: ManifestKind): string | undefined {
  const { artifactType, config } = fields;
  if (kind === 'docker-list' || kind === 'docker-schema1') return undefined;
  if (isString(artifactType) && artifactType !== '') return artifactType;
  const isImage = kind === 'image-manifest' || kind === 'docker-manifest';
  return isImage && isObject(config) && isString(config['mediaType']) ? config['mediaType'] : undefined;
}

function descriptorAt(fields: Fields, name: string): Descriptor {
  return parseDescriptor(fields[name], `"${name}"`);
}

function usableEntries(fields: Fields): Pick<UsableManifest, 'manifests' | 'problems'> {
  const manifests: Descriptor[] = [];
  const problems: EntryProblem[] = [];
  for (const [at, entry] of listAt(fields, 'manifests').entries()) {
    try {
      manifests.push(parseDescriptor(entry, `"manifests" entry ${at + 1}`));
    } catch (error) {
      if (!(error instanceof InvalidContentError)) throw error;
      problems.push({ at, reason: error.reason });
    }
  }
  return { manifests, problems };
}

function descriptorsAt(fields: Fields, name: string): readonly Descriptor[] {
  return listAt(fields, name).map((entry, at) => parseDescriptor(entry, `"${name}" entry ${at + 1}`));
}

/** Servers send `null` for an empty list. */
function listAt(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (!isPresent(value)) return [];
  if (!Array.isArray(value)) throw unusable(`"${name}" is not a list`);
  return value;
}

/** The platform in an image config, read tolerantly; undefined for what is no object. */
export function parseConfigPlatform(config: unknown): Platform | undefined {
  return isObject(config) ? platformIn(config) : undefined;
}

function platformIn(value: Fields): Platform {
  const text = (name: string) => (isString(value[name]) ? value[name] : '');
  const features = value['os.features'];
  return {
    architecture: text('architecture'),
    os: text('os'),
    ...(text('os.version') && { 'os.version': text('os.version') }),
    ...(Array.isArray(features) && { 'os.features': features.filter(isString) }),
    ...(text('variant') && { variant: text('variant') }),
  };
}

function unusable(reason: string): InvalidContentError {
  return new InvalidContentError('The manifest', reason);
}
