import type { Annotations } from './descriptor';
import { InvalidContentError } from './errors';

/** The largest annotation file that is read, in bytes: what it holds has to fit into a manifest. */
export const MAX_ANNOTATION_FILE_BYTES = 4 * 1024 * 1024;

/** Annotations for the parts of one artifact. `files` is by the file's path as it is pushed. */
export interface AnnotationFile {
  readonly manifest: Annotations;
  readonly config: Annotations;
  readonly files: ReadonlyMap<string, Annotations>;
}

const MANIFEST = '$manifest';
const CONFIG = '$config';

/**
 * Reads the file that `oras push --annotation-file` takes: `{"$manifest": {}, "$config": {}, "<file>": {}}`.
 * `where` names it in errors. Errors: InvalidContentError that names the entry.
 */
export function parseAnnotationFile(content: Uint8Array, where: string): AnnotationFile {
  if (content.length > MAX_ANNOTATION_FILE_BYTES)
    throw new InvalidContentError(where, `it is larger than ${MAX_ANNOTATION_FILE_BYTES} bytes`);
  const parts = new Map(
    Object.entries(objectIn(content, where)).map(([name, value]) => [
      name,
      annotationsIn(name, value, where),
    ]),
  );
  const manifest = parts.get(MANIFEST) ?? {};
  const config = parts.get(CONFIG) ?? {};
  parts.delete(MANIFEST);
  parts.delete(CONFIG);
  return { manifest, config, files: parts };
}

function objectIn(content: Uint8Array, where: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (cause) {
    throw new InvalidContentError(where, 'it is not JSON', { cause });
  }
  if (!isObject(value))
    throw new InvalidContentError(where, 'it has the form {"$manifest": {}, "$config": {}, "<file>": {}}');
  return value;
}

/** JSON's `null` counts as no annotations. */
function annotationsIn(name: string, value: unknown, where: string): Annotations {
  if (value === null) return {};
  if (!isObject(value)) throw new InvalidContentError(where, `"${name}" is not an object of annotations`);
  const wrong = Object.entries(value).find(([, text]) => typeof text !== 'string');
  if (wrong) throw new InvalidContentError(where, `the annotation "${wrong[0]}" of "${name}" is not a text`);
  return value as Annotations;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
