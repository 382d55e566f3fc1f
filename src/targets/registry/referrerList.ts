import type { Descriptor } from '../../oci/descriptor';
import { InvalidContentError } from '../../oci/errors';
import { MAX_MANIFEST_BYTES, parseDescriptor } from '../../oci/manifest';
import { isImageConfigType, isImageManifestType, isIndexType, mediaTypes } from '../../oci/mediaTypes';

type Fields = Readonly<Record<string, unknown>>;

/** What a list of referrers has: the entries that can be used, each digest once, and how many others there are. */
export interface Listed {
  readonly entries: readonly Descriptor[];
  readonly unusable: number;
}

/**
 * The entries of a list; undefined for a document that is no list. One bad entry never hides the others. `contentType` is
 * the registry's. Errors: InvalidContentError for what is not JSON.
 */
export function listedReferrers(
  bytes: Uint8Array,
  contentType: string | undefined,
  what: string,
): Listed | undefined {
  const fields = fieldsOf(bytes, what);
  const { manifests, mediaType = contentType } = fields;
  const type = typeof mediaType === 'string' ? (mediaType.split(';')[0]?.trim() ?? '') : '';
  const isList = isIndexType(type) || (Array.isArray(manifests) && !fields['config']);
  if (!isList) return undefined;
  return usableEntries(manifests, what);
}

/** The same for a list's member that was read already; servers send `null` for an empty one. Errors: InvalidContentError. */
export function usableEntries(list: unknown, what: string): Listed {
  if (list === undefined || list === null) return { entries: [], unusable: 0 };
  if (!Array.isArray(list)) throw new InvalidContentError(what, 'its "manifests" is not a list');
  const byDigest = new Map<string, Descriptor>();
  let unusable = 0;
  for (const value of list) {
    const entry = usableEntry(value);
    if (!entry) unusable++;
    else if (!byDigest.has(entry.digest)) byDigest.set(entry.digest, entry);
  }
  return { entries: [...byDigest.values()], unusable };
}

/** Why rows are missing that a list has. */
export function unusableEntries(count: number, what: string): InvalidContentError {
  const entries =
    count === 1 ? '1 of its entries names no manifest' : `${count} of its entries name no manifest`;
  return new InvalidContentError(what, `${entries}, and the others are shown`);
}

/** True for an entry whose manifest has to say of which type it is, or how large. */
export function lacksType({ mediaType, size, artifactType }: Descriptor): boolean {
  if (mediaType === '' || size === 0) return true;
  if (!isImageManifestType(mediaType)) return false;
  // Registries and clients of go-containerregistry give the config's type, whatever the artifact's is.
  return !artifactType || artifactType === mediaTypes.ociEmpty || isImageConfigType(artifactType);
}

/** True for an entry that its manifest has more to say about: annotations, where cosign leaves them out. */
export function isIncomplete(entry: Descriptor): boolean {
  return lacksType(entry) || Object.keys(entry.annotations ?? {}).length === 0;
}

/** A digest is enough: its manifest says the rest. */
function usableEntry(value: unknown): Descriptor | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { size } = value as Fields;
  const isSize = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0;
  try {
    return parseDescriptor(isSize ? value : { ...value, size: 0 }, 'An entry');
  } catch (error) {
    if (error instanceof InvalidContentError) return undefined;
    throw error;
  }
}

function fieldsOf(bytes: Uint8Array, what: string): Fields {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new InvalidContentError(what, `it is larger than ${MAX_MANIFEST_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The cause is left out: V8's message quotes the text.
    throw new InvalidContentError(what, 'it is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new InvalidContentError(what, 'it is not a JSON object');
}
