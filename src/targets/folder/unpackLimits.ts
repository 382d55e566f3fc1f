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

/** Passes the expanded bytes through. Errors: UnsafePathError when they pass the bounds. */
export async function* limitExpansion(
  source: AsyncIterable<Buffer>,
  {
    title,
    sizeBytes,
    limits,
  }: { readonly title: string; readonly sizeBytes: number; readonly limits: UnpackLimits },
): AsyncGenerator<Buffer> {
  const mostBytes = Math.min(limits.expandedBytes, Math.max(limits.freeBytes, sizeBytes * limits.ratio));
  let seenBytes = 0;
  for await (const chunk of source) {
    seenBytes += chunk.length;
    if (seenBytes > mostBytes) {
      throw new UnsafePathError(title, `it expands to more than ${mostBytes} bytes from ${sizeBytes}`);
    }
    yield chunk;
  }
}
