import { UnsafePathError } from '../../oci/errors';
import { MAX_LINK_STEPS } from './linkTarget';

/** Bounds of what one packed folder may become on disk. */
export interface UnpackLimits {
  /** Of the archive; and of the files, links and folders that it makes, those that are only parts of paths included. */
  readonly entries: number;
  /** The sum of all paths and link targets, in UTF-8. */
  readonly nameBytes: number;
  /** Parts of links' targets that are looked at to find where the links lead. */
  readonly linkSteps: number;
  readonly expandedBytes: number;
  /** How many times the size of the layer it may expand to, beyond `freeBytes`. */
  readonly ratio: number;
  /** Expansion up to here is never judged by its ratio: disk images with holes compress a thousandfold. */
  readonly freeBytes: number;
}

const GIB = 1024 ** 3;

export const DEFAULT_UNPACK_LIMITS: UnpackLimits = {
  entries: 1_000_000,
  nameBytes: 256 * 1024 ** 2,
  linkSteps: MAX_LINK_STEPS,
  expandedBytes: 64 * GIB,
  ratio: 200,
  freeBytes: 4 * GIB,
};

/** Adds up what one layer of `sizeBytes` expands to. */
export class ExpansionLimit {
  private readonly mostBytes: number;
  private seenBytes = 0;

  constructor(
    private readonly title: string,
    private readonly sizeBytes: number,
    { expandedBytes, freeBytes, ratio }: Pick<UnpackLimits, 'expandedBytes' | 'freeBytes' | 'ratio'>,
  ) {
    this.mostBytes = Math.min(expandedBytes, Math.max(freeBytes, sizeBytes * ratio));
  }

  /** Counts bytes, the holes of files too. Errors: UnsafePathError when the sum passes the bounds. */
  add(bytes: number): void {
    this.seenBytes += bytes;
    if (this.seenBytes <= this.mostBytes) return;
    throw new UnsafePathError(
      this.title,
      `it expands to more than ${this.mostBytes} bytes from ${this.sizeBytes}`,
    );
  }

  /** Counts expanded bytes that pass through. Errors: as `add`, those of the source. */
  async *passed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      this.add(chunk.length);
      yield chunk;
    }
  }
}
