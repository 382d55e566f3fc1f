import { Transform, type Readable } from 'node:stream';
import { InvalidContentError } from '../oci/errors';
import type { TransferOptions, WaitOptions } from '../oci/target';
import type { RequestBody } from './transport';

const CHUNK_BYTES = 1024 * 1024;

/** One try at sending a body. `failure` is set when the source itself failed, as opposed to the network. */
export interface OpenUpload {
  readonly body: Buffer | Readable;
  failure?: Error;
  /** Stops the source; safe to call at any time. */
  close(): void;
}

/** A body that can be sent again. Reports what it hands out, and takes it back when it starts anew. */
export class Upload {
  private handedOutBytes = 0;

  constructor(
    private readonly body: RequestBody,
    private readonly onBytes: NonNullable<TransferOptions['onBytes']> = () => undefined,
  ) {}

  get sizeBytes(): number {
    return this.body instanceof Uint8Array ? this.body.length : this.body.sizeBytes;
  }

  /** Undefined where the network is not told. */
  get announcedBytes(): number | undefined {
    return this.mayEndEarly ? undefined : this.sizeBytes;
  }

  private get mayEndEarly(): boolean {
    return !(this.body instanceof Uint8Array) && this.body.mayEndEarly === true;
  }

  /** Opens the body from its start; `onProgress` is called for each piece that the network took. */
  async open(onProgress: () => void, options: WaitOptions): Promise<OpenUpload> {
    if (this.handedOutBytes > 0) this.onBytes(-this.handedOutBytes);
    this.handedOutBytes = 0;
    const { body } = this;
    if (body instanceof Uint8Array) {
      this.count(body.length);
      return { body: Buffer.from(body.buffer, body.byteOffset, body.length), close: () => undefined };
    }
    const source = await body.content.open(options);
    return follow(source, this.counter(onProgress));
  }

  private counter(onProgress: () => void): Transform {
    const expected = this.sizeBytes;
    return new Transform({
      highWaterMark: CHUNK_BYTES,
      transform: (chunk: Buffer, _encoding, done) => {
        this.count(chunk.length);
        onProgress();
        if (this.handedOutBytes > expected) done(wrongSize(expected, `at least ${this.handedOutBytes}`));
        else done(null, chunk);
      },
      flush: (done) => {
        const isRight = this.mayEndEarly || this.handedOutBytes === expected;
        done(isRight ? null : wrongSize(expected, this.handedOutBytes));
      },
    });
  }

  private count(bytes: number): void {
    this.handedOutBytes += bytes;
    this.onBytes(bytes);
  }
}

/** Not `pipeline`: that would report a failure of the network as one of the source. */
function follow(source: Readable, counter: Transform): OpenUpload {
  const upload: OpenUpload = { body: counter, close: () => void counter.destroy() };
  counter.once('error', (error) => {
    if (error instanceof InvalidContentError) upload.failure ??= error;
  });
  counter.once('close', () => source.destroy());
  source.once('error', (error) => {
    upload.failure = error;
    counter.destroy(error);
  });
  const onClose = () => {
    if (!source.readableEnded && !counter.destroyed) counter.destroy((upload.failure ??= cutShort()));
  };
  source.once('close', onClose);
  source.pipe(counter);
  // One that failed before it got here says nothing any more.
  if (source.errored) counter.destroy((upload.failure = source.errored));
  else if (source.destroyed) onClose();
  return upload;
}

function cutShort(): Error {
  return new InvalidContentError('The content to upload', 'its source closed before its end');
}

function wrongSize(expected: number, actual: number | string): Error {
  return new InvalidContentError(
    'The content to upload',
    `it has ${actual} bytes where ${expected} were announced`,
  );
}
