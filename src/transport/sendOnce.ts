import fetch from 'node-fetch';
import { Readable } from 'node:stream';
import { NetworkError, OciError } from '../oci/errors';
import type { WaitOptions } from '../oci/target';
import { isWithoutBody, type Answer } from './bodySeam';
import type { Alarm, Clock } from './clock';
import { Connection, type Connections } from './connections';
import { networkFailure, proxyRefusal, silence, withCertificate } from './networkFailure';
import type { Outgoing, Send } from './outgoing';
import { isOwnOrigin } from './ownOrigin';
import { readPeerCertificate } from './peerCertificate';
import { redactUrl } from './redactUrl';
import { ResponseBody } from './responseBody';
import type { Endpoint, RequestLogEntry, TransportResponse } from './transport';
import type { OpenUpload } from './upload';

/** The longest silences that are waited for, in milliseconds. */
export interface Timeouts {
  /** From the request's last byte to the answer's first. */
  readonly answerMs: number;
  /** Between two pieces of a body, either way. */
  readonly idleMs: number;
}

/** A registry hashes and moves an upload before it answers: a longer wait for each this many bytes. */
const UPLOAD_BYTES_PER_SECOND = 8 * 1024 * 1024;

export interface SendOnceOptions {
  readonly connections: Connections;
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  readonly userAgent: string;
  readonly endpointFor: (host: string) => Promise<Endpoint>;
  readonly log: (entry: RequestLogEntry) => void;
  /** Gets what a proxy was sent to sign in with, before its answer is given on. */
  readonly onProxyAuthorization: (value: string) => void;
}

/** The lowest layer: exactly one HTTP request, logged. Errors: NetworkError, what the body's source raised. */
export function sendOnce(options: SendOnceOptions): Send {
  return async (outgoing, wait) => {
    const startedMs = options.clock.now();
    const note = (outcome: number | string) =>
      options.log({
        method: outgoing.method,
        url: redactUrl(outgoing.url),
        outcome,
        elapsedMs: options.clock.now() - startedMs,
      });
    try {
      const response = await new Exchange(outgoing, options, wait).run();
      note(response.status);
      return response;
    } catch (error) {
      note(
        error instanceof NetworkError ? error.causeCode : error instanceof OciError ? error.code : 'ABORTED',
      );
      throw error;
    }
  };
}

/** One request and its answer, with what can stop it. */
class Exchange {
  private readonly stop = new AbortController();
  private readonly alarm: Alarm;
  private readonly waitMs: number;
  private silent = false;
  private upload: OpenUpload | undefined;
  private connection: Connection | undefined;

  constructor(
    private readonly outgoing: Outgoing,
    private readonly options: SendOnceOptions,
    private readonly wait: WaitOptions,
  ) {
    const sizeBytes = outgoing.upload?.sizeBytes ?? 0;
    this.waitMs = options.timeouts.answerMs + (sizeBytes / UPLOAD_BYTES_PER_SECOND) * 1000;
    this.alarm = options.clock.alarm(this.waitMs, this.ring);
  }

  async run(): Promise<TransportResponse> {
    const { signal } = this.wait;
    signal?.addEventListener('abort', this.abort, { once: true });
    try {
      signal?.throwIfAborted();
      this.upload = await this.outgoing.upload?.open(() => this.alarm.refresh(), this.wait);
      return this.answer(await this.fetch());
    } catch (error) {
      this.upload?.close();
      throw await this.withCertificate(this.explain(error));
    } finally {
      this.alarm.cancel();
      signal?.removeEventListener('abort', this.abort);
    }
  }

  private async fetch(): ReturnType<typeof fetch> {
    const { url, method, upload } = this.outgoing;
    const endpoint = await this.endpoint();
    this.connection = new Connection(this.options.connections.optionsFor(url, endpoint, this.isOwnOrigin));
    return fetch(url, {
      method,
      agent: this.connection,
      headers: this.headersFor(endpoint),
      ...(this.upload && upload?.sizeBytes !== 0 && { body: this.upload.body }),
      redirect: 'manual',
      compress: false,
      signal: this.stop.signal,
    });
  }

  private get isOwnOrigin(): boolean {
    return this.outgoing.url.origin === this.outgoing.origin.origin;
  }

  private headersFor(endpoint: Endpoint): Record<string, string> {
    const { url, headers, upload } = this.outgoing;
    return {
      ...(isOwnOrigin(url, this.outgoing.origin) && endpoint.headers),
      'User-Agent': this.options.userAgent,
      'Accept-Encoding': 'identity',
      // Said aloud because the agent that VS Code puts in place would say "close".
      Connection: 'keep-alive',
      ...(this.isOwnOrigin && endpoint.resolve && { Host: url.host }),
      ...headers,
      ...(upload?.announcedBytes !== undefined && { 'Content-Length': String(upload.announcedBytes) }),
    };
  }

  /** The settings of the host that is really asked: a redirect or token server has its own. */
  private async endpoint(): Promise<Endpoint> {
    const { url, origin, endpoint } = this.outgoing;
    return url.hostname === origin.hostname ? endpoint : this.options.endpointFor(url.host);
  }

  private answer(response: Awaited<ReturnType<typeof fetch>>): TransportResponse {
    const body = this.bodyOf(response);
    const { proxyAuthorization } = this.connection ?? {};
    if (proxyAuthorization !== undefined) this.options.onProxyAuthorization(proxyAuthorization);
    const refusal = this.connection?.proxyStatus ?? (response.status === 407 ? 407 : undefined);
    if (refusal !== undefined) {
      body.destroy();
      throw proxyRefusal(this.outgoing.url.host, refusal);
    }
    // A server may answer before it took the whole body; the rest is not sent once the answer was read.
    body.once('close', () => this.upload?.close());
    return {
      status: response.status,
      headers: response.headers,
      url: this.outgoing.url,
      body,
      access: 'open',
    };
  }

  private bodyOf({ body }: Awaited<ReturnType<typeof fetch>>): Readable {
    const { clock, timeouts } = this.options;
    const answer = body as Answer;
    if (isWithoutBody(answer)) return Readable.from([]);
    return new ResponseBody(answer, {
      host: this.outgoing.url.host,
      idleMs: timeouts.idleMs,
      clock,
      ...this.wait,
    });
  }

  private explain(error: unknown): unknown {
    const { signal } = this.wait;
    if (signal?.aborted) return signal.reason;
    if (this.upload?.failure) return this.upload.failure;
    if (this.silent) return silence(this.outgoing.url.host, this.waitMs);
    return error instanceof OciError ? error : networkFailure(this.outgoing.url.host, error);
  }

  private async withCertificate(error: unknown): Promise<unknown> {
    if (!(error instanceof NetworkError) || !error.isAboutCertificate || !this.connection) return error;
    const certificate = await readPeerCertificate({
      url: this.outgoing.url,
      options: this.connection.options,
      clock: this.options.clock,
      signal: this.stop.signal,
    });
    if (this.wait.signal?.aborted) return this.wait.signal.reason;
    return certificate ? withCertificate(error, certificate) : error;
  }

  private readonly ring = (): void => {
    this.silent = true;
    this.stop.abort();
  };

  private readonly abort = (): void => this.stop.abort();
}
