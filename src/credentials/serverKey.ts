const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';
const DOCKER_HUB_HOSTS: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];
const WHOLE_HOST_PATHS: readonly string[] = ['', '/', '/v1', '/v1/', '/v2', '/v2/'];

/**
 * The key that a host's credential has in a docker config and in helpers: the host itself, Docker Hub's old URL for
 * its three hosts. Source: docker CLI, `auths`.
 */
export function serverKeyOf(host: string): string {
  return DOCKER_HUB_HOSTS.includes(host) ? DOCKER_HUB_KEY : host;
}

/** One name for a registry that has several: Docker Hub is `docker.io`, any other host is itself. */
export function canonicalHost(host: string): string {
  return DOCKER_HUB_HOSTS.includes(host) ? 'docker.io' : host;
}

/**
 * The keys of `keys` that stand for a host, best first: the exact one, then older spellings with a scheme or with an
 * API version behind the host. `host/some/path` is not the host: see `narrowerKeys`. `exact` is docker's key where it is
 * left out.
 */
export function matchingKeys(
  keys: Iterable<string>,
  host: string,
  exact = serverKeyOf(host),
): readonly string[] {
  const matches = [...keys].filter((key) => key === exact || standsFor(key, host));
  return matches.sort((a, b) => Number(b === exact) - Number(a === exact));
}

/**
 * The keys of `keys` that stand for a part of a host in which a repository lies, narrowest first: `host/a/b`, then
 * `host/a`, for the repository `a/b`. Source: containers-auth.json(5), "FORMAT".
 */
export function narrowerKeys(
  keys: Iterable<string>,
  host: string,
  repository: string | undefined,
): readonly string[] {
  if (!repository) return [];
  const known = new Set(keys);
  const components = repository.split('/');
  const names = DOCKER_HUB_HOSTS.includes(host) ? DOCKER_HUB_HOSTS : [host];
  return components
    .map((_component, at) => components.slice(0, components.length - at).join('/'))
    .flatMap((path) => names.map((name) => `${name}/${path}`))
    .filter((key) => known.has(key));
}

function standsFor(key: string, host: string): boolean {
  const { scheme, name, path } = splitKey(key);
  if (canonicalHost(name) !== canonicalHost(host)) return false;
  return scheme || WHOLE_HOST_PATHS.includes(path);
}

function splitKey(key: string): { scheme: boolean; name: string; path: string } {
  const bare = key.replace(/^https?:\/\//, '');
  const slash = bare.indexOf('/');
  return {
    scheme: bare !== key,
    name: slash < 0 ? bare : bare.slice(0, slash),
    path: slash < 0 ? '' : bare.slice(slash),
  };
}
