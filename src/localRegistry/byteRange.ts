/** Bytes of a blob, half-open. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a `Range` header asks of `sizeBytes` bytes: undefined for the whole (no header, or a form that may be ignored),
 * 'unsatisfiable' for 416. Several ranges count as ignored. Spec: RFC 9110 section 14.
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return suffix(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return start < end ? { start, end } : 'unsatisfiable';
}

/** A chunk's `Content-Range`, `first-last` as the spec writes it or `bytes first-last/...`; 'malformed' for others. */
export function parseContentRange(header: string): ByteRange | 'malformed' {
  const match = /^(?:bytes )?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/.exec(header.trim());
  if (!match) return 'malformed';
  const range = { start: Number(match[1]), end: Number(match[2]) + 1 };
  return range.start < range.end && Number.isSafeInteger(range.end) ? range : 'malformed';
}

function suffix(lengthBytes: number, sizeBytes: number): ByteRange | 'unsatisfiable' {
  if (lengthBytes === 0 || sizeBytes === 0) return 'unsatisfiable';
  return { start: Math.max(0, sizeBytes - lengthBytes), end: sizeBytes };
}
