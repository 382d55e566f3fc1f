import type { Descriptor } from '../../oci/descriptor';
import type { ContentSource, TransferOptions, WaitOptions } from '../../oci/target';
import type { TransportRequest, TransportResponse } from '../../transport/transport';
import { ChunkReader } from './chunkReader';
import type { RepositoryAddress } from './repositoryAddress';

/** A blob and where it goes. */
export interface UploadedBlob {
  readonly address: RepositoryAddress;
  readonly descriptor: Descriptor;
  readonly content: ContentSource;
}

/** A part of a blob, in bytes. */
export interface Range {
  readonly first: number;
  readonly sizeBytes: number;
}

type OnBytes = NonNullable<TransferOptions['onBytes']>;

const OCTETS = { 'Content-Type': 'application/octet-stream' };

/**
 * The requests of an upload that has its place, answered as they are. Bytes are sent once: a part may have been taken.
 * Spec: distribution-spec v1.1.1, "Pushing a blob in chunks".
 */
export class UploadRequests {
  private readonly reader: ChunkReader;

  constructor(
    private readonly blob: UploadedBlob,
    private readonly wait: WaitOptions,
  ) {
    this.reader = new ChunkReader(blob.content);
  }

  /** Stops reading the content. */
  close(): void {
    this.reader.close();
  }

  sendChunk(place: URL, range: Range, onBytes: OnBytes): Promise<TransportResponse> {
    const headers = { ...OCTETS, 'Content-Range': `${range.first}-${range.first + range.sizeBytes - 1}` };
    return this.sendBytes({ method: 'PATCH', path: place, headers }, range, onBytes);
  }

  /** As any blob is sent. */
  sendWhole(place: URL, range: Range, onBytes: OnBytes): Promise<TransportResponse> {
    return this.sendBytes({ method: 'PUT', path: this.closing(place), headers: OCTETS }, range, onBytes);
  }

  /** How far it is. */
  askState(place: URL): Promise<TransportResponse> {
    return this.send({ method: 'GET', path: place });
  }

  /** That was all. */
  finish(place: URL): Promise<TransportResponse> {
    return this.send({ method: 'PUT', path: this.closing(place), body: new Uint8Array(0) });
  }

  private sendBytes(
    request: Pick<TransportRequest, 'method' | 'path' | 'headers'>,
    { first, sizeBytes }: Range,
    onBytes: OnBytes,
  ): Promise<TransportResponse> {
    const content = { open: (wait?: WaitOptions) => this.reader.open(first, sizeBytes, wait) };
    return this.send({ ...request, once: true, body: { sizeBytes, content } }, { onBytes });
  }

  private send(
    request: Pick<TransportRequest, 'method' | 'path' | 'headers' | 'body' | 'once'>,
    options: Pick<TransferOptions, 'onBytes'> = {},
  ): Promise<TransportResponse> {
    const { address } = this.blob;
    const scopes = [address.scope('pull', 'push')];
    return address.send({ ...request, scopes }, { ...this.wait, ...options });
  }

  private closing(place: URL): URL {
    const url = new URL(place);
    url.searchParams.set('digest', this.blob.descriptor.digest);
    return url;
  }
}
