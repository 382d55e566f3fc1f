import { algorithmOf, isDigest } from '../../oci/digest';
import type { Descriptor } from '../../oci/descriptor';
import { InvalidReferenceError } from '../../oci/errors';
import { isStoredAsManifest } from '../../oci/mediaTypes';
import { repositoryProblem, tagProblem } from '../../oci/reference';
import { apiHost, apiRepository } from '../../transport/dockerHub';
import { refuseWebPage } from '../../transport/refuseWebPage';
import type { TransferOptions } from '../../oci/target';
import type { Transport, TransportRequest, TransportResponse } from '../../transport/transport';

/** Where a repository is: its registry, its name, and the way there. Builds the paths and scopes of its requests. */
export class RepositoryAddress {
  /** The name that the registry knows, in paths, scopes and mounts: `library/alpine` for Docker Hub's `alpine`. */
  readonly apiName: string;

  /** Errors: InvalidReferenceError. */
  constructor(
    readonly transport: Transport,
    readonly host: string,
    readonly name: string,
  ) {
    const problem = repositoryProblem(name);
    if (problem !== undefined) throw new InvalidReferenceError(`${host}/${name}`, 'repository', problem);
    this.apiName = apiRepository(host, name);
  }

  /** Sends a request that concerns this repository. Errors: those of `Transport.send`; InvalidContentError for a web page. */
  async send(
    request: Omit<TransportRequest, 'host' | 'repository'>,
    options?: TransferOptions,
  ): Promise<TransportResponse> {
    const whole = { ...request, host: this.host, repository: this.apiName };
    const response = await this.transport.send(whole, options);
    // What a GET brings is checked byte by byte; the other answers are believed.
    if (request.method !== 'GET') refuseWebPage(response, request.method);
    return response;
  }

  /** True for an answer of the registry itself, and not of a host that a redirect led to. */
  isOwn(url: URL): boolean {
    return url.host === new URL(`${url.protocol}//${apiHost(this.host)}`).host;
  }

  /** For messages: `host/name`, with a tag or digest when one is given. */
  describe(reference?: string): string {
    if (reference === undefined) return `${this.host}/${this.name}`;
    return `${this.host}/${this.name}${isDigest(reference) ? '@' : ':'}${reference}`;
  }

  /** A path below the repository, e.g. `tags/list`. */
  path(rest: string): string {
    return `/v2/${this.apiName}/${rest}`;
  }

  /** Errors: InvalidReferenceError for what is neither tag nor digest, so that no path can be smuggled in. */
  manifestPath(reference: string): string {
    return this.path(`manifests/${isDigest(reference) ? reference : this.tag(reference)}`);
  }

  /** A text that is a tag, and so fit for a path. Errors: InvalidReferenceError, for a digest too. */
  tag(text: string): string {
    const problem = tagProblem(text);
    if (problem !== undefined) throw new InvalidReferenceError(this.describe(text), 'tag', problem);
    return text;
  }

  /** Where a descriptor's content is stored: manifests apart from blobs. */
  contentPath({ mediaType, digest }: Descriptor): string {
    return isStoredAsManifest(mediaType) ? this.manifestPath(digest) : this.path(`blobs/${digest}`);
  }

  /** The token scope for actions on this repository. */
  scope(...actions: readonly ('pull' | 'push' | 'delete')[]): string {
    return `repository:${this.apiName}:${actions.join(',')}`;
  }

  /** The same registry's repository of another name. */
  sibling(name: string): RepositoryAddress {
    return new RepositoryAddress(this.transport, this.host, name);
  }
}

/** The tag under which clients keep a subject's referrers where a registry has no API for them. */
export function referrersTag(digest: `${string}:${string}`): string {
  return `${algorithmOf(digest).slice(0, 32)}-${digest.slice(digest.indexOf(':') + 1).slice(0, 64)}`;
}
