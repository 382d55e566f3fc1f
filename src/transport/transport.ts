import type { Readable } from 'node:stream';
import type { ContentSource, TransferOptions } from '../oci/target';

/** How one registry is reached. Decided by the user's settings, never by a workspace. */
export interface Endpoint {
  /** `host[:port]` as it stands in references. */
  readonly host: string;
  readonly plainHttp: boolean;
  /** Accepts any certificate. */
  readonly insecure: boolean;
  /** PEM text of additional certificate authorities. */
  readonly ca?: string;
  /** Shows the registry who connects (mTLS); PEM texts. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  /** Sent to the registry's own origin with each request, and never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /** An address to connect to in place of the host; its name and certificate are still the registry's. */
  readonly resolve?: { readonly address: string; readonly port?: number };
}

/** A body that can be sent again: bytes, or a source that is reopened, with its exact length in bytes. */
export type RequestBody = Uint8Array | StreamedBody;

/** `mayEndEarly` sends it without its length, as chunks of HTTP: it may turn out to be shorter. */
export interface StreamedBody {
  readonly sizeBytes: number;
  readonly content: ContentSource;
  readonly mayEndEarly?: boolean;
}

/**
 * One request to a registry. `path` starts with `/v2/`; a URL (from Location or Link) has been checked by the caller.
 * A function is asked again for each try: the place of an upload that was cut cannot be used twice.
 */
export interface TransportRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly host: string;
  /** The repository that is asked about, for credentials that are kept for a part of a registry. */
  readonly repository?: string;
  readonly path: string | URL | (() => Promise<URL>);
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Sent once: who sends it first asks what of the body has come, before it sends the rest. */
  readonly once?: true;
  /** A list, of which registries may show more to those who are signed in: a stored sign-in is used from the start. */
  readonly list?: true;
  /**
   * The caller knows what to do when it is refused: nobody is asked to sign in again. `forbidden` says this of a 403
   * alone.
   */
  readonly refusable?: boolean | 'forbidden';
  /** What is secret in the body, so that no error shows it when the server repeats it. */
  readonly secrets?: readonly string[];
  /** Token scopes, e.g. `repository:library/x:pull`. Spec: distribution, "Token Scope Documentation". */
  readonly scopes?: readonly string[];
  /**
   * Set for an API beside the registry's own, which has other ways to sign in: the request goes with the
   * `Authorization` it brings or with none, no challenge is answered, and 401 and 403 come back as answers.
   */
  readonly ownSignIn?: true;
}

/**
 * How a request got its answer: `open` when the registry never asked who sends it, `anonymous` with a token that
 * anyone gets, `credentials` with the user's.
 */
export type Access = 'open' | 'anonymous' | 'credentials';

/** An answer's headers, by name in any case; several of one name joined by a comma. */
export interface ResponseHeaders {
  get(name: string): string | null;
}

/** An answer, whatever its status. The caller consumes or destroys `body`. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  readonly body: Readable;
  readonly access: Access;
}

/**
 * Sends a request: sign-in, retry, redirects and TLS are behind this. 401 and 403 of the registry never come back as
 * an answer. Errors: NetworkError, SignInRequiredError, RegistryError (of a token server), InvalidContentError.
 */
export interface Transport {
  send(request: TransportRequest, options?: TransferOptions): Promise<TransportResponse>;
  /** Drops credentials, tokens and challenges of a host, after a login or logout; of every host when none is named. */
  forget(host?: string): void;
  /** The token server that a registry named in its last challenge; undefined before, and where it names none. */
  tokenServer(host: string): URL | undefined;
}

/** One line of the request log; holds no secret. */
export interface RequestLogEntry {
  readonly method: string;
  /** Query values that can hold secrets are redacted. */
  readonly url: string;
  /** The status, or an error code when there was no answer. */
  readonly outcome: number | string;
  readonly elapsedMs: number;
}
