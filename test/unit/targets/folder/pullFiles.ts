import { Readable } from 'node:stream';
import { annotationKeys } from '../../../../src/oci/annotations';
import { digestOf, VerifyingStream } from '../../../../src/oci/digest';
import type { PullFile } from '../../../../src/oci/target';

/** A layer in memory with the stream that a reader would give for it. */
export interface Layer {
  readonly file: PullFile;
  readonly open: () => Promise<Readable>;
}

interface LayerOptions {
  readonly unpack?: boolean;
  /** What arrives, where it is not what was promised. */
  readonly arriving?: Uint8Array;
  readonly contentDigest?: string;
}

/** A layer with this title and content. The stream verifies, as each reader's does. */
export function layer(title: string, content: string | Uint8Array, options: LayerOptions = {}): Layer {
  const bytes = Buffer.from(content);
  const { unpack = false, arriving = bytes, contentDigest } = options;
  const annotations = {
    [annotationKeys.title]: title,
    ...(contentDigest !== undefined && { [annotationKeys.contentDigest]: contentDigest }),
  };
  const descriptor = { mediaType: 'application/x', digest: digestOf(bytes), size: bytes.length, annotations };
  return {
    file: { title, descriptor, unpack },
    open: async () =>
      Readable.from(pieces(arriving), { objectMode: false }).pipe(
        new VerifyingStream(descriptor, 'the test'),
      ),
  };
}

/** Odd lengths, so that no piece ends where a block does. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  const step = Math.max(701, Math.ceil(bytes.length / 100));
  for (let start = 0; start < bytes.length; start += step) yield bytes.subarray(start, start + step);
}
