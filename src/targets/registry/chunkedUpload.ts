import { InvalidContentError, NetworkError, RegistryError, SignInRequiredError } from '../../oci/errors';
import type { TransferOptions, WaitOptions } from '../../oci/target';
import { discard } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { TransportResponse } from '../../transport/transport';
import { expectStored } from './putManifest';
import { isBlobReadable } from './readableBlob';
import { UploadCount } from './uploadCount';
import { beginUpload, uploadLocation, type BegunUpload } from './uploadPlace';
import { UploadRequests, type Range, type UploadedBlob } from './uploadRequests';
import type { UploadKey, UploadWays } from './uploadWays';

/** One blob to be sent in chunks. */
export interface ChunkedBlob extends UploadedBlob {
  readonly ways: UploadWays;
}

/** An upload whose first chunk, the whole content, is on its way. */
export interface RunningUpload extends BegunUpload {
  readonly answer: Promise<TransportResponse>;
  readonly count: UploadCount;
}

/** Chunks that fail one after the other, each after the one before was found not to have arrived. */
const MAX_FAILURES = 5;

/**
 * Stores a blob chunk by chunk, or as one that is continued in chunks when it is cut. An upload that was begun before goes
 * on where the registry has it, and one that fails midway is kept for later. False, with nothing stored, where the
 * registry turns out to take no chunks. `running` is gone on with in place of one that was kept.
 * Errors: RegistryError, NetworkError, InvalidContentError. Spec: distribution-spec v1.1.1, "Pushing a blob in chunks".
 */
export async function pushInChunks(
  blob: ChunkedBlob,
  options: TransferOptions,
  running?: RunningUpload,
): Promise<boolean> {
  const upload = new ChunkedUpload(blob, options);
  try {
    await upload.run(running);
    return true;
  } catch (error) {
    const { address, ways } = blob;
    if (upload.tookAny || !upload.triedChunks || ways.isLimited(address.host) || !isRefusal(error))
      throw error;
    await upload.takeBack();
    ways.refusesChunks(address.host);
    return false;
  } finally {
    upload.close();
  }
}

class ChunkedUpload {
  /** Some chunk arrived: the registry knows how. */
  tookAny = false;
  triedChunks = false;
  private isStored = false;
  private place: URL | undefined;
  private minBytes = 0;
  private doneBytes = 0;
  private count: UploadCount;
  private failures = 0;
  private beganAnew = false;
  private readonly requests: UploadRequests;
  private readonly wait: WaitOptions;

  constructor(
    private readonly blob: ChunkedBlob,
    options: TransferOptions,
  ) {
    this.count = new UploadCount(options.onBytes);
    this.wait = options.signal ? { signal: options.signal } : {};
    this.requests = new UploadRequests(blob, this.wait);
  }

  async run(running?: RunningUpload): Promise<void> {
    if (running) await this.takeOver(running);
    else await this.takeUp();
    while (!this.isStored) {
      if (this.doneBytes < this.blob.descriptor.size) await this.sendNext();
      else await this.finish(this.place ?? (await this.begin()));
    }
    await this.blob.ways.sessions?.drop(this.key);
  }

  close(): void {
    this.requests.close();
  }

  /** Nothing of it counts any more. */
  async takeBack(): Promise<void> {
    this.arrived(0);
    await this.blob.ways.sessions?.drop(this.key);
  }

  private get key(): UploadKey {
    const { address, descriptor } = this.blob;
    return { repository: address.describe(), sizeBytes: descriptor.size, digest: descriptor.digest };
  }

  /** Goes on with what was kept of an earlier try, if anything was. */
  private async takeUp(): Promise<void> {
    const kept = await this.blob.ways.sessions?.take(this.key);
    this.place = kept !== undefined && URL.canParse(kept) ? new URL(kept) : undefined;
    await this.recover();
  }

  private async takeOver(running: RunningUpload): Promise<void> {
    this.triedChunks = true;
    this.place = running.place;
    this.minBytes = running.minChunkBytes;
    this.count = running.count;
    await this.keep();
    await this.settle('PATCH', { first: 0, sizeBytes: this.blob.descriptor.size }, () => running.answer);
  }

  private async sendNext(): Promise<void> {
    const place = this.place ?? (await this.begin());
    const first = this.doneBytes;
    const sizeBytes = Math.min(this.chunkBytes(), this.blob.descriptor.size - first);
    const isWhole = sizeBytes === this.blob.descriptor.size;
    const range: Range = { first, sizeBytes };
    const { requests, count } = this;
    this.triedChunks ||= !isWhole;
    await (isWhole
      ? this.settle('PUT', range, () => requests.sendWhole(place, range, count.add))
      : this.settle('PATCH', range, () => requests.sendChunk(place, range, count.add)));
  }

  /** What a body that was sent came to; where it did not arrive, how much of it did. */
  private async settle(
    method: 'PUT' | 'PATCH',
    range: Range,
    send: () => Promise<TransportResponse>,
  ): Promise<void> {
    const response = await this.unlessCut(send);
    if (response && response.status >= 200 && response.status < 300)
      return this.taken(response, range, method === 'PUT');
    if (response) await this.judge(response, { method, sizeBytes: range.sizeBytes });
    await this.recover();
  }

  private async taken(
    response: TransportResponse,
    { first, sizeBytes }: Range,
    isWhole: boolean,
  ): Promise<void> {
    if (isWhole) {
      await expectStored(response);
      this.isStored = true;
      return;
    }
    this.follow(response, first + sizeBytes);
    this.noteProgress(first);
    await this.keep();
  }

  /** Errors: InvalidContentError for a registry that takes chunk after chunk and has no more than before. */
  private noteProgress(firstByte: number): void {
    if (this.doneBytes > firstByte) {
      this.tookAny = true;
      this.failures = 0;
    } else if (++this.failures > MAX_FAILURES) {
      throw new InvalidContentError(`The upload to ${this.blob.address.host}`, 'it does not get any further');
    }
  }

  /** Undefined when the network failed and there are tries left. */
  private async unlessCut(send: () => Promise<TransportResponse>): Promise<TransportResponse | undefined> {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof NetworkError) || ++this.failures > MAX_FAILURES) throw error;
      return undefined;
    }
  }

  /** Returns where it is worth to ask how far the upload is, and to go on. */
  private async judge(
    response: TransportResponse,
    { method, sizeBytes }: { readonly method: 'PUT' | 'PATCH'; readonly sizeBytes: number },
  ): Promise<void> {
    const { status } = response;
    const failure = await registryFailure(response, { method });
    if (status === 413) {
      if (!this.blob.ways.tooLarge(this.blob.address.host, sizeBytes)) throw failure;
      return;
    }
    const mayPass = status === 404 || status === 408 || status === 416 || status === 429 || status >= 500;
    if (!mayPass || ++this.failures > MAX_FAILURES) throw failure;
  }

  /** Asks the registry how far the upload is; without one, it has to begin. */
  private async recover(): Promise<void> {
    if (!this.place) return this.arrived(0);
    const response = await this.requests.askState(this.place);
    if (response.status >= 200 && response.status < 300) {
      this.follow(response, 0);
      return this.keep();
    }
    discard(response);
    this.place = undefined;
    this.arrived(0);
  }

  private async begin(): Promise<URL> {
    const { place, minChunkBytes } = await beginUpload(this.blob.address, this.wait);
    this.minBytes = minChunkBytes;
    this.place = place;
    await this.keep();
    return place;
  }

  private async finish(place: URL): Promise<void> {
    const { address, descriptor } = this.blob;
    try {
      await this.blob.ways.sessions?.drop(this.key);
      await expectStored(await this.requests.finish(place));
    } catch (error) {
      // The answer to a first try may have been lost, and a registry forgets an upload that waits for long.
      const isGone = error instanceof RegistryError && error.status === 404;
      if (!isGone) throw error;
      if (!(await isBlobReadable(address, descriptor, this.wait))) return this.beginAnew(error);
    }
    this.isStored = true;
  }

  private beginAnew(why: RegistryError): void {
    if (this.beganAnew) throw why;
    this.beganAnew = true;
    this.place = undefined;
    this.arrived(0);
  }

  /** What the registry says of the upload: where it goes on, and how much it has; `assumedBytes` where it does not. */
  private follow(response: TransportResponse, assumedBytes: number): void {
    if (response.headers.get('location') !== null) this.place = uploadLocation(response);
    const last = /^(?:bytes[ =])?0-(\d+)$/.exec(response.headers.get('range') ?? '')?.[1];
    discard(response);
    // Registries write 0-0 for nothing as well as for one byte.
    const hasBytes = last === undefined ? assumedBytes : last === '0' ? 0 : Number(last) + 1;
    this.arrived(Math.min(hasBytes, this.blob.descriptor.size));
  }

  private arrived(doneBytes: number): void {
    this.doneBytes = doneBytes;
    this.count.correct(doneBytes);
  }

  private async keep(): Promise<void> {
    if (this.place) await this.blob.ways.sessions?.keep(this.key, this.place.href);
  }

  private chunkBytes(): number {
    const { address, descriptor, ways } = this.blob;
    return Math.max(ways.chunkBytesFor(address.host, descriptor.size) ?? descriptor.size, this.minBytes);
  }
}

/** The registry answered, and it was not for want of a right or a resource that comes back. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof RegistryError) || error instanceof SignInRequiredError) return false;
  return error.status >= 400 && error.status < 500;
}
