import path from 'node:path';
import { digestProblem, type Digest } from './digest';
import { InvalidReferenceError } from './errors';
import { isLayoutHost, layoutPlace } from './layoutPlace';
import { parseReference, tagProblem, type Reference } from './reference';

/** What follows the name of a layout: neither part has a separator in it, so that a drive letter is no tag. */
const LAYOUT_REFERENCE = /^layout:(.+?)(?::([^:/\\@]*))?(?:@([^/\\@]*))?$/;

/**
 * Parses `registry/repository[:tag][@digest]` or `layout:/folder[:tag][@digest]`, whose registry is the host of a
 * `layoutPlace`. Errors: InvalidReferenceError. Source: the `--oci-layout` of `oras`.
 */
export function parsePlace(text: string): Reference {
  const trimmed = text.trim();
  if (!isLayoutHost(trimmed)) return parseReference(trimmed);
  const [, file = '', tag, digest] = LAYOUT_REFERENCE.exec(trimmed) ?? [];
  if (path.basename(file) === '')
    throw new InvalidReferenceError(text, 'repository', 'the name of the layout folder is missing');
  const problem = tag === undefined ? undefined : tagProblem(tag);
  if (problem) throw new InvalidReferenceError(text, 'tag', problem);
  const wrong = digest === undefined ? undefined : digestProblem(digest);
  if (wrong) throw new InvalidReferenceError(text, 'digest', wrong);
  const { host, name } = layoutPlace(path.normalize(file).replace(/[\\/]+$/, ''));
  return {
    registry: host,
    repository: name,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest: digest as Digest }),
  };
}
