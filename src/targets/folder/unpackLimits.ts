import { UnsafePathError } from '../../oci/errors';

/** Bounds of what one packed folder may become on disk. */
export interface UnpackLimits {
  readonly entries: number;
  readonly expandedBytes: number;
  /** How many times the size of the layer it may expand to, beyond `freeBytes`. */
  readonly ratio: number;
  /** Expansion up to here is never judged by its ratio: disk images with holes compress a thousandfold. */
  readonly freeBytes: number;
}

const GIB = 1024 ** 3;

export const DEFAULT_UNPACK_LIMITS: UnpackLimits = {
  entries: 1_000_000,
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
