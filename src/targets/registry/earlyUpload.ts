import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Descriptor } from '../../oci/descriptor';
import { NetworkError } from '../../oci/errors';
import type { ContentSource, EarlyUpload, TransferOptions, UnreadFile, WaitOptions } from '../../oci/target';
import { discard, readStart } from '../../transport/readCapped';
import type { TransportResponse } from '../../transport/transport';
import { MAX_ERROR_BODY_BYTES } from '../../transport/withoutSecrets';
import { EndableContent } from './endableContent';
import { pushInChunks, type ChunkedBlob, type RunningUpload } from './chunkedUpload';
import { UploadCount } from './uploadCount';
import { judgedByGet } from './unsaidUpload';
import { beginUpload, cancelUpload, uploadLocation, type BegunUpload } from './uploadPlace';
import { pushBlob, pushWhole } from './writer';

/** How long a registry has to take what was on its way to it, and to forget an upload that nobody waits for any more. */
const END_MS = 1_000;
const CANCEL_MS = 3_000;
const MAX_CANCELS = 3;
const CANCEL_PAUSE_MS = 200;

/**
 * POST for a place, and one PATCH that streams the whole content there, as docker sends a layer: without its length, so
 * that it can be ended in the midst, and the registry knows what it has. Undefined for content
 * that had better be pushed once its digest is known. Errors: those of `beginUpload`.
 */
export async function beginEarly(
  { address, ways }: Pick<ChunkedBlob, 'address' | 'ways'>,
  file: UnreadFile,
  options: TransferOptions = {},
): Promise<EarlyUpload | undefined> {
  const { sizeBytes } = file;
  if (!(await ways.mayBeginEarly({ host: address.host, repository: address.describe(), sizeBytes })))
    return undefined;
  const begun = await beginUpload(address, waitOf(options), { refusable: true });
  return new StreamedUpload({ address, ways, file, begun }, options);
}

interface Streamed extends Pick<ChunkedBlob, 'address' | 'ways'> {
  readonly file: UnreadFile;
  readonly begun: BegunUpload;
}

class StreamedUpload implements EarlyUpload, RunningUpload {
  readonly place: URL;
  readonly minChunkBytes: number;
  readonly answer: Promise<TransportResponse>;
  readonly settled: Promise<void>;
  readonly count: UploadCount;
  private failure: unknown;
  private readonly stop = new AbortController();
  private readonly body: EndableContent;

  constructor(
    private readonly streamed: Streamed,
    options: TransferOptions,
  ) {
    this.place = streamed.begun.place;
    this.minChunkBytes = streamed.begun.minChunkBytes;
    this.count = new UploadCount(options.onBytes);
    this.body = new EndableContent(streamed.file.content);
    options.signal?.addEventListener('abort', () => this.body.end(), { once: true });
    this.answer = this.send().then(detached);
    this.settled = this.answer.then(
      () => undefined,
      (error: unknown) => void (this.failure = error),
    );
  }

  /** What was cut or refused is judged as a chunk is; what failed here, before it was known what it is of, counts as not sent. */
  async complete(descriptor: Descriptor, content: ContentSource, wait: WaitOptions = {}): Promise<void> {
    const { address, ways } = this.streamed;
    const blob = { address, ways, descriptor, content };
    const options = { ...wait, onBytes: this.count.add };
    if (this.failure !== undefined && !(this.failure instanceof NetworkError)) {
      await this.cancel();
      return pushBlob(blob, options);
    }
    const abort = () => this.stop.abort(wait.signal?.reason);
    wait.signal?.addEventListener('abort', abort, { once: true });
    if (wait.signal?.aborted) abort();
    await judgedByGet(blob, options, async () => {
      try {
        if (await pushInChunks(blob, options, this)) return;
      } finally {
        wait.signal?.removeEventListener('abort', abort);
      }
      await this.forget();
      await pushWhole(blob, options);
    });
  }

  /** Registries of docker's kind never find an upload again of which a request was cut; so none is. */
  async cancel(): Promise<void> {
    this.body.end();
    await Promise.race([this.settled, delay(END_MS, undefined, { ref: false })]);
    this.stop.abort();
    await this.settled;
    this.count.correct(0);
    await this.forget();
  }

  private send(): Promise<TransportResponse> {
    const { address, file } = this.streamed;
    return address.send(
      {
        method: 'PATCH',
        path: this.place,
        headers: { 'Content-Type': 'application/octet-stream' },
        body: { sizeBytes: file.sizeBytes, content: this.body, mayEndEarly: true },
        once: true,
        scopes: [address.scope('pull', 'push')],
      },
      { signal: this.stop.signal, onBytes: this.count.add },
    );
  }

  /**
   * Not by the signal of the push: that may be what ended it. What was on the line when it was cut still reaches the
   * registry, so that it is asked more than once.
   */
  private async forget(): Promise<void> {
    const wait = { signal: AbortSignal.timeout(CANCEL_MS) };
    for (let tries = 0; tries < MAX_CANCELS && !wait.signal.aborted; tries++) {
      if (tries > 0) await delay(CANCEL_PAUSE_MS);
      const place = await this.lastPlace(wait).catch(() => this.place);
      if (await cancelUpload(this.streamed.address, () => place, wait).catch(() => true)) return;
    }
  }

  /** Registries of docker's kind know an upload only by a place that says how much they have of it. */
  private async lastPlace(wait: WaitOptions): Promise<URL> {
    const { address } = this.streamed;
    const answer = await this.answer.catch(() => undefined);
    if (answer && answer.status < 300) return uploadLocation(answer);
    const scopes = [address.scope('pull', 'push')];
    const state = await address.send({ method: 'GET', path: this.place, scopes, refusable: true }, wait);
    discard(state);
    return uploadLocation(state);
  }
}

/** An answer that may wait for long: it holds no connection, and no more of a body that was refused is sent. */
async function detached(response: TransportResponse): Promise<TransportResponse> {
  if (response.status < 300) {
    discard(response);
    return response;
  }
  return { ...response, body: Readable.from([await readStart(response.body, MAX_ERROR_BODY_BYTES)]) };
}

function waitOf({ signal }: TransferOptions): WaitOptions {
  return signal ? { signal } : {};
}
