import { createHash } from 'node:crypto';
import { ThreadHash } from './threadHash';

/** Bytes on their way to a digest. Whoever does not ask for the digest in the end calls `abandon`. */
export interface ContentHash {
  /** Takes bytes, which must not change until there is room. */
  update(chunk: Uint8Array): void;
  /** Undefined while more may come; else what resolves when the bytes that came were taken in. */
  room(): Promise<void> | undefined;
  /** The hex part of the digest. */
  digest(): Promise<string>;
  /** Nobody wants the digest any more. Safe to call at any time. */
  abandon(): void;
}

/** To hand less to a thread costs more than it spares. */
const THREAD_FROM_BYTES = 16 * 1024 * 1024;

/**
 * A hash for content of this size, or of one that nobody knows. Large content is hashed by a thread of its own: a gigabyte
 * would keep everybody else waiting for seconds.
 */
export function contentHash(algorithm: string, sizeBytes = Infinity): ContentHash {
  return sizeBytes < THREAD_FROM_BYTES ? new OwnHash(algorithm) : new ThreadHash(algorithm);
}

/** Hashes at once, where it is called. */
class OwnHash implements ContentHash {
  private readonly hash;

  constructor(algorithm: string) {
    this.hash = createHash(algorithm);
  }

  update(chunk: Uint8Array): void {
    this.hash.update(chunk);
  }

  room(): undefined {
    return undefined;
  }

  async digest(): Promise<string> {
    return this.hash.digest('hex');
  }

  abandon(): void {
    // Nothing waits for it.
  }
}
