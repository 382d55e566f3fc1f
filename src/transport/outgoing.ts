import type { WaitOptions } from '../oci/target';
import type { Endpoint, TransportRequest, TransportResponse } from './transport';
import type { Upload } from './upload';

/** A request on its way down the layers: where it goes is decided, what it carries can be opened again. */
export interface Outgoing {
  readonly method: TransportRequest['method'];
  readonly url: URL;
  readonly endpoint: Endpoint;
  /** The registry's own address, to which its credentials are bound. */
  readonly origin: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly scopes: readonly string[];
  readonly repository?: string;
  /** See `TransportRequest`. */
  readonly ownSignIn?: true;
  readonly list?: true;
  readonly upload?: Upload;
  /** See `TransportRequest`. */
  readonly once?: true;
  /** What is secret in the body. */
  readonly secrets?: readonly string[];
  /** Finds `url` anew for each try. */
  readonly locate?: () => Promise<URL>;
}

/** The one shape of every layer: a request in, its answer out. */
export type Send = (outgoing: Outgoing, options: WaitOptions) => Promise<TransportResponse>;
