import { Readable } from 'node:stream';
import type { ContentSource } from '../oci/target';

/** Bytes in memory as content to push. */
export function bytesContent(bytes: Uint8Array): ContentSource {
  return { bytes, open: async () => Readable.from([bytes], { objectMode: false }) };
}
