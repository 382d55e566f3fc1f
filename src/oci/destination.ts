import path from 'node:path';
import { InvalidReferenceError } from './errors';
import { isLayoutHost, layoutPlace } from './layoutPlace';
import { formatReference, parseReference, tagProblem } from './reference';

/** Where content is copied to. `registry` is `host[:port]`, or the host of a `layoutPlace`; no tags: by digest alone. */
export interface Destination {
  readonly registry: string;
  readonly repository: string;
  readonly tags: readonly string[];
}

/**
 * Parses `registry/repository[:tag[,tag…]]` or `layout:/folder[:tag[,tag…]]`. Errors: InvalidReferenceError.
 * Source: the destination of `oras cp` and its `--to-oci-layout`.
 */
export function parseDestination(text: string): Destination {
  const { place, tags } = splitTags(text.trim());
  const bad = tags.map(tagProblem).find(Boolean);
  if (bad) throw new InvalidReferenceError(text, 'tag', bad);
  if (!isLayoutHost(place)) {
    const { registry, repository, digest } = parseReference(place);
    if (digest) throw new InvalidReferenceError(text, 'digest', 'a copy goes to tags, not to a digest');
    return { registry, repository, tags };
  }
  const folder = place.slice(place.indexOf(':') + 1);
  if (path.basename(folder) === '')
    throw new InvalidReferenceError(text, 'repository', 'the name of the layout folder is missing');
  const { host, name } = layoutPlace(path.normalize(folder).replace(/[\\/]+$/, ''));
  return { registry: host, repository: name, tags };
}

/** The text of a destination; the inverse of `parseDestination`. */
export function formatDestination({ registry, repository, tags }: Destination): string {
  const place = formatReference({ registry, repository });
  return tags.length > 0 ? `${place}:${tags.join(',')}` : place;
}

/** Tags follow the last colon behind the last separator: a port and a drive letter have one behind them. */
function splitTags(text: string): { place: string; tags: readonly string[] } {
  const colon = text.lastIndexOf(':');
  if (colon < Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\'), 0)) return { place: text, tags: [] };
  if (!isLayoutHost(text) && text.includes('@')) return { place: text, tags: [] };
  const tags = text.slice(colon + 1).split(',');
  return { place: text.slice(0, colon), tags: tags.map((tag) => tag.trim()) };
}
