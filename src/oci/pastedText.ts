import { isLayoutHost } from './layoutPlace';

/** What a pasted text was meant to be, and what was changed, for people. */
export interface Correction {
  readonly value: string;
  readonly reason: string;
}

/** Schemes that tools and browsers write before a registry. */
const SCHEME = /^(?:oci|docker|https?|oras|helm):\/\//i;
/** A place in the API of a registry, as a browser or a log has it. */
const API_PATH = /^([^/]+)\/v2\/(.+?)\/(manifests|blobs|tags)\/([^/?#]+)[?#]?.*$/;
const LAYOUT_WITH_NAME =
  /^(layout:(?:[a-zA-Z]:)?[^:]*[^:/\\]):(?!\d+[/\\])[^:@/\\]+(?:[/\\][^:@/\\]+)+((?::[^:@/\\]+)?)$/;

/**
 * A reference as it was pasted, as it is written here: without a scheme, its host and repository in lower case, Docker
 * Hub named. Undefined where nothing is to be changed. The value still has to be checked.
 */
export function correctedReference(text: string): Correction | undefined {
  const typed = text.trim();
  if (isLayoutHost(typed)) return correctedLayout(typed);
  const bare = typed.replace(SCHEME, '');
  const place = bare === typed ? typed : withoutApiPath(bare).replace(/\/+$/, '');
  const lower = inLowerCase(place);
  const value = isOnDockerHub(lower) ? `docker.io/${lower}` : lower;
  if (value === typed) return undefined;
  if (value !== lower) return { value, reason: 'on Docker Hub, where no registry is named' };
  if (bare !== typed) return { value, reason: 'as a reference is written, without a scheme' };
  return { value, reason: 'in lower case, as registries ask for it' };
}

/** A registry as it was pasted, as its host alone. Undefined where nothing is to be changed, or no host is in it. */
export function correctedHost(text: string): Correction | undefined {
  const typed = text.trim();
  const bare = typed.replace(SCHEME, '');
  const host = /^[^/?#\\]+/.exec(bare)?.[0] ?? '';
  const value = host.toLowerCase();
  if (value === '' || value === typed) return undefined;
  return { value, reason: host === typed ? 'in lower case' : 'the host alone' };
}

/** A layout holds tags, and no repositories: other tools write the name of an image before them. */
function correctedLayout(typed: string): Correction | undefined {
  const [, layout, tag] = LAYOUT_WITH_NAME.exec(typed) ?? [];
  return layout === undefined
    ? undefined
    : { value: `${layout}${tag}`, reason: 'a layout has tags, and no repositories' };
}

function withoutApiPath(text: string): string {
  const [, host, name, kind, reference = ''] = API_PATH.exec(text) ?? [];
  if (host === undefined) return text.replace(/^([^/]+)\/v2(?:\/|$)/, '$1/');
  if (kind === 'tags') return `${host}/${name}`;
  return `${host}/${name}${reference.includes(':') ? '@' : ':'}${reference}`;
}

/** Tag and digest stay as they are. */
function inLowerCase(text: string): string {
  const [, named = '', rest = ''] = /^([^@]*?)((?::[^:/@]*)?(?:@.*)?)$/.exec(text) ?? [];
  return named.toLowerCase() + rest;
}

/** `library/nginx` and `nginx:latest` stand for Docker Hub in the tools of Docker: their first part is no host. */
function isOnDockerHub(text: string): boolean {
  const [first = ''] = text.split('/');
  if (!text.includes('/')) return /^[a-z0-9._-]+:[a-z_][\w.-]*$/i.test(text);
  return !/[.:]/.test(first) && first !== 'localhost';
}
