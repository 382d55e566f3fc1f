import { corrected } from './corrected';
import { pickOrType, type Suggestion } from '../host/pickOrType';
import { sentence } from '../host/sentence';
import { recent } from '../host/recent';
import { InvalidReferenceError, messageOf } from '../oci/errors';
import { isArchivePath, isLayoutHost } from '../oci/layoutPlace';
import { parsePlace } from '../oci/place';
import type { Reference } from '../oci/reference';
import type { Services } from './services';

/** A push needs a tag; a pull takes a digest too; a blob has nothing else. */
export type ReferenceNeed = 'tag' | 'tagOrDigest' | 'digest';

/** What the reference is for, and where to begin. */
export interface AskReferenceOptions {
  readonly title: string;
  /** Text to start from, e.g. the repository of the row that was clicked. */
  readonly value?: string;
  readonly needs: ReferenceNeed;
}

/** Asks for a reference in a registry or an OCI layout, with those used last and the known registries and repositories offered. */
export async function askReference(
  services: Services,
  options: AskReferenceOptions,
): Promise<Reference | undefined> {
  const text = await pickOrType({
    title: options.title,
    placeholder: 'registry/repository:tag or layout:/folder:tag',
    ...(options.value && { value: options.value }),
    suggestions: suggestions(services),
    problem: (typed) => referenceProblem(typed, options.needs),
    correction: (typed) => corrected(typed, (value) => referenceProblem(value, options.needs)),
    readings: (typed) => inKnownRegistries(services, typed, options.needs),
  });
  return text === undefined ? undefined : parsePlace(text);
}

/** Why a text cannot be used as a reference, as a sentence; undefined when it can. */
export function referenceProblem(text: string, needs: ReferenceNeed): string | undefined {
  try {
    const { registry, repository, tag, digest } = parsePlace(text);
    if (needs === 'tag' && isLayoutHost(registry) && isArchivePath(repository))
      return 'A .tar is not changed: push to a folder.';
    if (needs === 'tag' && digest) return 'A push goes to a tag: leave out the @digest.';
    if (needs === 'digest' && !digest) return 'Add the digest: registry/repository@sha256:…';
    if (!tag && !digest)
      return needs === 'tag' ? 'Add a tag: registry/repository:tag' : 'Add :tag or @digest.';
    return undefined;
  } catch (error) {
    return error instanceof InvalidReferenceError ? sentence(error.reason) : messageOf(error);
  }
}

/** How many registries are offered for a text without a host. */
const MAX_READINGS = 5;

/** A first part without a dot or a port, and not `localhost`, is a repository of a registry that is known. */
function inKnownRegistries(
  { settings, localRegistry }: Services,
  text: string,
  needs: ReferenceNeed,
): Suggestion[] {
  const hosts = settings.registries.map(({ host }) => host);
  if (!isWithoutHost(text, hosts)) return [];
  const local = hosts.filter((host) => host === localRegistry.host);
  return [...new Set([...local, ...hosts])]
    .map((host) => lowerCaseRepository(`${host}/${text}`))
    .filter((value) => referenceProblem(value, needs) === undefined)
    .slice(0, MAX_READINGS)
    .map((value) => ({ value, description: 'in a registry of the sidebar', icon: 'server' }));
}

/** Whether a text begins with the name of a repository, by the rule that docker goes by. */
export function isWithoutHost(text: string, knownHosts: readonly string[]): boolean {
  const [first = '', ...rest] = text.split('/');
  if (rest.length === 0) return !/^(?:localhost(?::|$)|[^:@]*\.)/.test(text);
  return !/[.:]/.test(first) && first !== 'localhost' && !knownHosts.includes(first);
}

/** The reference with its repository in lower case; host, tag and digest stay. */
export function lowerCaseRepository(text: string): string {
  const [, host = '', repository = '', rest = ''] = /^([^/]*\/)([^:@]*)(.*)$/.exec(text) ?? [];
  return host === '' ? text : `${host}${repository.toLowerCase()}${rest}`;
}

function suggestions({ settings, state }: Services): Suggestion[] {
  const used = recent(state, 'reference').map((value) => ({
    value,
    description: 'used before',
    icon: 'history',
  }));
  const repositories = settings.registries.flatMap(({ host, repositories: names = [] }) =>
    names.map((name) => ({ value: `${host}/${name}:`, description: 'repository', icon: 'repo', fill: true })),
  );
  const registries = settings.registries.map(({ host }) => ({
    value: `${host}/`,
    description: 'registry',
    icon: 'server',
    fill: true,
  }));
  return [...used, ...repositories, ...registries];
}
