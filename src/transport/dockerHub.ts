const HUB_HOSTS = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** The host that serves the API of a registry: Docker Hub's differs from its name in references. */
export function apiHost(host: string): string {
  return HUB_HOSTS.includes(host) ? 'registry-1.docker.io' : host;
}

/** The repository as the API names it: on Docker Hub `alpine` is `library/alpine`. */
export function apiRepository(host: string, repository: string): string {
  return HUB_HOSTS.includes(host) && !repository.includes('/') ? `library/${repository}` : repository;
}
