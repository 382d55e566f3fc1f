import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Server } from './servers';

/** What a repository holds, told by requests of its own, without our client. */
export interface RepositoryState {
  /** Tag → digest of its manifest. */
  readonly tags: Readonly<Record<string, string>>;
  /** Digests of manifests that the registry lists as referrers of tagged ones, in their order by name. */
  readonly referrers: readonly string[];
  /** What is missing or different below a tag: each a sentence. */
  readonly broken: readonly string[];
}

interface ManifestFields {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
}

const MAX_LOOKS = 20;
const BETWEEN_LOOKS_MS = 150;

const ACCEPT = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Looks at registries with nothing but Node's `fetch`. */
export class RegistryWitness {
  private readonly tokens = new Map<string, string>();
  private readonly lists = new Map<string, string>();

  constructor(private readonly server: Pick<Server, 'host' | 'credential'>) {}

  /**
   * Follows every tag of a repository down to its last blob. A registry may still be at what a client gave up: what is
   * broken is looked at again for some seconds.
   */
  async look(repository: string): Promise<RepositoryState> {
    let state = await this.lookOnce(repository);
    for (let looks = 1; state.broken.length > 0 && looks < MAX_LOOKS; looks++) {
      await delay(BETWEEN_LOOKS_MS);
      state = await this.lookOnce(repository);
    }
    return state;
  }

  private async lookOnce(repository: string): Promise<RepositoryState> {
    const list = await this.get(`${repository}/tags/list`);
    const names = list.status === 200 ? ((await list.json()) as { tags: string[] | null }).tags : null;
    const tags: Record<string, string> = {};
    const broken: string[] = [];
    const referrers = new Set<string>();
    for (const tag of [...(names ?? [])].sort()) {
      const digest = await this.checkManifest({ repository, reference: tag, path: tag }, broken);
      if (digest === undefined) continue;
      tags[tag] = this.lists.get(digest) ?? digest;
      for (const referrer of await this.referrersOf(repository, digest)) referrers.add(referrer);
    }
    for (const digest of referrers)
      await this.checkManifest({ repository, reference: digest, path: 'a referrer' }, broken);
    return { tags, referrers: [...referrers].sort(), broken };
  }

  private async checkManifest(
    { repository, reference, path }: { repository: string; reference: string; path: string },
    broken: string[],
  ): Promise<string | undefined> {
    const answer = await this.get(`${repository}/manifests/${reference}`);
    if (answer.status !== 200) return void broken.push(`${path}: its manifest answers ${answer.status}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const digest = sha256(bytes);
    if (reference.startsWith('sha256:') && reference !== digest) broken.push(`${path}: another manifest`);
    const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString()) as ManifestFields;
    for (const blob of [...(config ? [config] : []), ...layers])
      await this.checkBlob({ repository, digest: blob.digest, path }, broken);
    // The order in which several at once get on a list of referrers is chance.
    if (/^sha256-/.test(reference))
      this.lists.set(
        digest,
        `a list of ${manifests
          .map((entry) => entry.digest)
          .sort()
          .join(', ')}`,
      );
    for (const child of manifests)
      await this.checkManifest({ repository, reference: child.digest, path: `${path} > child` }, broken);
    return digest;
  }

  private async checkBlob(
    { repository, digest, path }: { repository: string; digest: string; path: string },
    broken: string[],
  ): Promise<void> {
    const answer = await this.get(`${repository}/blobs/${digest}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.status !== 200) broken.push(`${path}: blob ${digest} answers ${answer.status}`);
    else if (sha256(bytes) !== digest) broken.push(`${path}: blob ${digest} has other bytes`);
  }

  /** Nothing where the registry has no such list. */
  private async referrersOf(repository: string, digest: string): Promise<readonly string[]> {
    const answer = await this.get(`${repository}/referrers/${digest}`);
    if (answer.status !== 200) return [];
    const { manifests = [] } = (await answer.json()) as ManifestFields;
    return manifests.map((entry) => entry.digest);
  }

  private async get(path: string): Promise<Response> {
    const repository = path.replace(/\/(tags|manifests|blobs|referrers)\/.*$/, '');
    const url = `http://${this.server.host}/v2/${path}`;
    const send = (authorization: string | undefined) =>
      fetch(url, { headers: { Accept: ACCEPT, ...(authorization && { Authorization: authorization }) } });
    const answer = await send(this.tokens.get(repository));
    if (answer.status !== 401) return answer;
    const authorization = await this.authorization(repository, answer.headers.get('www-authenticate') ?? '');
    this.tokens.set(repository, authorization);
    return send(authorization);
  }

  private async authorization(repository: string, challenge: string): Promise<string> {
    const { credential } = this.server;
    const pair = credential?.kind === 'basic' ? `${credential.username}:${credential.password}` : '';
    const basic = `Basic ${Buffer.from(pair).toString('base64')}`;
    const realm = /^Bearer .*realm="([^"]+)"/.exec(challenge)?.[1];
    if (realm === undefined) return basic;
    const query = new URLSearchParams({ service: 'test registry', scope: `repository:${repository}:pull` });
    const answer = await fetch(`${realm}?${query.toString()}`, { headers: { Authorization: basic } });
    return `Bearer ${((await answer.json()) as { token: string }).token}`;
  }
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
