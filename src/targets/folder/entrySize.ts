import { InvalidContentError } from '../../oci/errors';

const SIZE_START = 124;
const SIZE_END = 136;
const BASE_256_FLAG = 0x80;
const NEGATIVE_FLAG = 0x40;
/** From here on, eleven octal digits do not say a size, and a pax record says what the header cannot. */
const LARGE_BYTES = 8 ** 11;

/**
 * The size in a header block, in bytes: octal digits or base-256. Errors: InvalidContentError for anything else, which
 * another reader might take for another size. Source: Go's archive/tar, `parseNumeric`.
 */
export function sizeInHeader(block: Buffer, what: string): number {
  const field = block.subarray(SIZE_START, SIZE_END);
  const sizeBytes = (field[0] ?? 0) & BASE_256_FLAG ? base256(field) : octal(field);
  if (sizeBytes !== undefined && Number.isSafeInteger(sizeBytes)) return sizeBytes;
  throw new InvalidContentError(what, 'the size in a header is not a number');
}

/**
 * The size of an entry, in bytes: its pax record counts where it has one, and may not contradict a header that can say
 * as much, for a reader that goes by the header would see other entries behind it. Errors: InvalidContentError that
 * names the entry.
 */
export function entrySize(
  { path, inHeader, inPax }: { readonly path: string; readonly inHeader: number; readonly inPax?: string },
  what: string,
): number {
  if (inPax === undefined) return inHeader;
  const sizeBytes = Number(inPax);
  if (!/^\d+$/.test(inPax) || !Number.isSafeInteger(sizeBytes))
    throw new InvalidContentError(what, `the size of "${path}" is not a number`);
  if (sizeBytes < LARGE_BYTES && sizeBytes !== inHeader)
    throw new InvalidContentError(what, `"${path}" has two sizes, ${inHeader} and ${sizeBytes} bytes`);
  return sizeBytes;
}

function octal(field: Buffer): number | undefined {
  const trimmed = field.toString('latin1').replace(/^[\0 ]+|[\0 ]+$/g, '');
  const [digits = ''] = trimmed.split('\0');
  if (digits === '') return trimmed === '' ? 0 : undefined;
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : undefined;
}

function base256(field: Buffer): number | undefined {
  if ((field[0] ?? 0) & NEGATIVE_FLAG) return undefined;
  return field.reduce((sum, byte, at) => sum * 256 + (at === 0 ? byte - BASE_256_FLAG : byte), 0);
}
