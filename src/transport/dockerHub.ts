const HUB_HOSTS = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** True for the names that Docker Hub goes by. */
export function isDockerHub(host: string): boolean {
  return HUB_HOSTS.includes(host);
}

/** The hosts that are the same registry, the one that was given among them. */
export function namesOf(host: string): readonly string[] {
  return isDockerHub(host) ? HUB_HOSTS : [host];
}

/** The host that serves the API of a registry: Docker Hub's differs from its name in references. */
export function apiHost(host: string): string {
  return isDockerHub(host) ? 'registry-1.docker.io' : host;
}

/** The repository as the API names it: on Docker Hub `alpine` is `library/alpine`. */
export function apiRepository(host: string, repository: string): string {
  return isDockerHub(host) && !repository.includes('/') ? `library/${repository}` : repository;
}
