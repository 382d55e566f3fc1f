import type { Readable, Writable } from 'node:stream';
import { NetworkError } from '../../oci/errors';

const MAX_RESUMES = 10;

/** Opens what is left of a content from a byte on; undefined when the server gives it only from its start. */
export type OpenFrom = (firstByte: number) => Promise<Readable | undefined>;

/**
 * Pipes `first` into `sink` and, when the connection breaks, goes on behind the last byte that came. Ends or destroys
 * `sink`; a `sink` that is destroyed ends the download. What could not be resumed is the sink's error.
 */
export function resumingPipe(first: Readable, sink: Writable, openFrom: OpenFrom): void {
  let current = first;
  let receivedBytes = 0;
  let resumes = 0;
  const attach = (body: Readable): void => {
    current = body;
    if (sink.destroyed) return void body.destroy();
    body.on('data', (chunk: Buffer) => (receivedBytes += chunk.length));
    body.once('end', () => sink.end());
    body.once('error', (error) => void resume(error));
    body.pipe(sink, { end: false });
  };
  const resume = async (failure: Error): Promise<void> => {
    if (sink.destroyed) return;
    current.unpipe(sink);
    if (!(failure instanceof NetworkError) || ++resumes > MAX_RESUMES) return void sink.destroy(failure);
    try {
      const rest = await openFrom(receivedBytes);
      if (rest) attach(rest);
      else sink.destroy(failure);
    } catch (error) {
      sink.destroy(error instanceof Error ? error : failure);
    }
  };
  sink.once('close', () => current.destroy());
  attach(first);
}
