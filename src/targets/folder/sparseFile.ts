import { InvalidContentError, UnsupportedError } from '../../oci/errors';
import type { ByteReader } from './byteReader';
import type { PaxRecord } from './paxRecords';

/** The most parts of one file, and the most bytes that tell them. */
const MAX_PARTS = 500_000;
const MAX_MAP_BYTES = 16 * 1024 * 1024;
const BLOCK_BYTES = 512;
const LONGEST_NUMBER = 20;

/** A part of a file that is no hole, in bytes. */
export interface SparsePart {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** A file of which an archive keeps only the parts that are no holes, one behind the other. */
export interface SparseFile {
  readonly realBytes: number;
  readonly parts: readonly SparsePart[];
}

/** What pax records say of a sparse file; without `parts` they stand in front of its content. */
export interface SparseRecords {
  readonly name?: string;
  readonly realBytes: number;
  readonly parts?: readonly SparsePart[];
}

/** Records by which other programs than GNU tar mark sparse files, and who they are. */
const OTHER_FORMS: Readonly<Record<string, string>> = {
  'SCHILY.realsize': 'star',
  'SUN.holesdata': 'Solaris',
};

/**
 * What an entry's records say of holes; undefined when nothing. Errors: InvalidContentError for what makes no file;
 * UnsupportedError that names another form. Source: GNU tar's manual, "Storing Sparse Files": 0.0, 0.1 and 1.0.
 */
export function sparseRecords(records: readonly PaxRecord[], what: string): SparseRecords | undefined {
  const last = new Map(records);
  const other = Object.entries(OTHER_FORMS).find(([key]) => last.has(key));
  if (other) throw new UnsupportedError(`sparse files in the form of ${other[1]}`, what);
  if (!records.some(([key]) => key.startsWith('GNU.sparse.'))) return undefined;
  const name = last.get('GNU.sparse.name');
  const named = name !== undefined && { name };
  const form = `${last.get('GNU.sparse.major') ?? 0}.${last.get('GNU.sparse.minor') ?? 0}`;
  if (form === '1.0') return { ...named, realBytes: numberIn(last.get('GNU.sparse.realsize'), what) };
  if (!/^0\.[01]$/.test(form)) throw new UnsupportedError(`sparse files in GNU tar's form ${form}`, what);
  const map = last.get('GNU.sparse.map');
  const numbers = map === undefined ? listedNumbers(records) : listIn(map);
  const parts = partsOf(
    numbers.map((text) => numberIn(text, what)),
    what,
  );
  if (parts.length !== numberIn(last.get('GNU.sparse.numblocks'), what))
    throw broken(what, 'it is not as many as it says');
  return { ...named, realBytes: numberIn(last.get('GNU.sparse.size'), what), parts };
}

/**
 * The file whose body was opened, once its parts are known; reads them where they stand in front of the content.
 * Errors: InvalidContentError for parts that overlap, leave the file, or are not as long as the content.
 */
export async function readSparseFile(
  bytes: ByteReader,
  { realBytes, parts: listed }: SparseRecords,
  what: string,
): Promise<SparseFile> {
  const parts = listed ?? (await readMap(bytes, what));
  let end = 0;
  let storedBytes = 0;
  for (const { offset, sizeBytes } of parts) {
    if (offset < end) throw broken(what, 'it has parts that overlap');
    end = offset + sizeBytes;
    storedBytes += sizeBytes;
  }
  if (end > realBytes) throw broken(what, 'it has a part behind its end');
  if (storedBytes !== bytes.leftOpen) throw broken(what, 'its parts are not as long as its content');
  return { realBytes, parts };
}

/** Where the bytes of a body belong in the file. The pieces of `body` are as they come. */
export async function* placed(
  body: Iterable<Buffer> | AsyncIterable<Buffer>,
  { parts }: SparseFile,
): AsyncGenerator<{ readonly bytes: Buffer; readonly position: number }> {
  const ahead = parts[Symbol.iterator]();
  let position = 0;
  let missingBytes = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length;) {
      while (missingBytes === 0)
        ({ offset: position, sizeBytes: missingBytes } = ahead.next().value as SparsePart);
      const bytes = chunk.subarray(at, at + missingBytes);
      yield { bytes, position };
      at += bytes.length;
      position += bytes.length;
      missingBytes -= bytes.length;
    }
  }
}

/** Form 1.0: the count, then offset and size of each part, a line each, filled up to a block. */
async function readMap(bytes: ByteReader, what: string): Promise<SparsePart[]> {
  const numbers: number[] = [];
  let rest = '';
  for (let readBytes = 0; readBytes < MAX_MAP_BYTES; readBytes += BLOCK_BYTES) {
    const lines = (rest + (await bytes.needOpened(BLOCK_BYTES)).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      numbers.push(numberIn(line, what));
      const [count = 0, ...pairs] = numbers.length === 1 || isWhole(numbers) ? numbers : [];
      if (count > MAX_PARTS) throw broken(what, `it has more than ${MAX_PARTS} parts`);
      if (isWhole(numbers)) return partsOf(pairs, what);
    }
    if (rest.length > LONGEST_NUMBER) throw broken(what, 'a number of its parts is none');
  }
  throw broken(what, 'the list of its parts is too long');
}

function isWhole(numbers: readonly number[]): boolean {
  return numbers.length === 1 + 2 * (numbers[0] ?? 0);
}

/** Form 0.1 has one list of all numbers. */
function listIn(map: string): string[] {
  return map === '' ? [] : map.split(',', 2 * MAX_PARTS + 1);
}

/** Form 0.0 has a record for each number. */
function listedNumbers(records: readonly PaxRecord[]): string[] {
  const keys = ['GNU.sparse.offset', 'GNU.sparse.numbytes'];
  const listed = records.filter(([key]) => keys.includes(key));
  // Each size stands behind its offset.
  return listed.map(([key, value], at) => (key === keys[at % 2] ? value : ''));
}

function partsOf(numbers: readonly number[], what: string): SparsePart[] {
  if (numbers.length % 2 !== 0 || numbers.length > 2 * MAX_PARTS)
    throw broken(what, 'the list of its parts is cut short or too long');
  const parts: SparsePart[] = [];
  for (let at = 0; at < numbers.length; at += 2)
    parts.push({ offset: numbers[at] ?? 0, sizeBytes: numbers[at + 1] ?? 0 });
  return parts;
}

function numberIn(text: string | undefined, what: string): number {
  const number = Number(text);
  if (text !== undefined && /^\d{1,16}$/.test(text) && Number.isSafeInteger(number)) return number;
  throw broken(what, 'a number of its parts is none');
}

function broken(what: string, reason: string): InvalidContentError {
  return new InvalidContentError(what, `a sparse file in it is damaged: ${reason}`);
}
