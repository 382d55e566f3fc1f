import { Header } from 'tar/header';
import { InvalidContentError, UnsafePathError, UnsupportedError } from '../../oci/errors';
import { pathBoundProblem } from '../../oci/pathBounds';
import { parsePaxRecords } from './paxRecords';
import { ByteReader, type SkippableSource } from './byteReader';
import { entrySize, sizeInHeader } from './entrySize';
import { readSparseFile, sparseRecords, type SparseFile, type SparseRecords } from './sparseFile';

const BLOCK_BYTES = 512;
const FLAG_AT = 156;
/** The largest block of names and attributes in front of an entry. Source: Go's archive/tar has the same bound. */
const MAX_EXTENSION_BYTES = 1024 * 1024;

export type TarEntryKind = 'file' | 'folder' | 'symlink' | 'hardlink' | 'other';

/** One entry of an archive, as untrusted as the archive. `body` may be read once, or left. */
export interface TarEntry {
  readonly kind: TarEntryKind;
  readonly path: string;
  readonly linkPath: string;
  readonly mode: number;
  readonly mtime: Date;
  /** Of the body. */
  readonly sizeBytes: number;
  /** Where the bytes of the body belong in a file with holes; without it they are the file. */
  readonly sparse?: SparseFile;
  /** Where in the archive the body starts, in bytes. */
  readonly bodyOffset: number;
  readonly body: AsyncIterable<Buffer>;
}

/** What extension headers say about the entry behind them. */
interface Extension {
  path?: string;
  linkPath?: string;
  /** As the record has it. */
  size?: string;
  mtime?: Date;
  sparse?: SparseRecords;
}

/** What a header block says. */
interface HeaderBlock {
  readonly header: Header;
  readonly flag: string;
  readonly sizeBytes: number;
}

const KINDS: Readonly<Record<string, TarEntryKind>> = {
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'folder',
  '7': 'file',
};

/** How entries are read. `platform` decides how long names may be; a caller that knows `sparse` takes sparse files. */
export interface TarOptions {
  readonly platform?: NodeJS.Platform;
  readonly takesSparse?: boolean;
}

/**
 * The entries of an uncompressed archive (v7, ustar, pax, GNU long names), read strictly: a wrong checksum or a broken
 * record fails rather than being skipped, so that no two readers can see different entries. Reads the source to its
 * end. Errors: InvalidContentError, UnsafePathError for a path or link target past its bounds, UnsupportedError for
 * sparse files, in pax archives only where the caller does not take them.
 */
export async function* readTar(
  source: SkippableSource,
  what: string,
  options: TarOptions = {},
): AsyncGenerator<TarEntry> {
  const bytes = new ByteReader(source, what);
  try {
    yield* entriesOf(bytes, what, options);
    await bytes.drain();
  } finally {
    await bytes.close();
  }
}

async function* entriesOf(
  bytes: ByteReader,
  what: string,
  { platform = process.platform, takesSparse = false }: TarOptions,
): AsyncGenerator<TarEntry> {
  let extension: Extension = {};
  for (;;) {
    const block = await nextHeader(bytes, extension, what);
    if (!block) return;
    if (await readExtension(bytes, { ...block, extension, what })) continue;
    const entry = entryOf(block, extension, what);
    requireBounded(entry, platform);
    refuseSparse(
      entry,
      { flag: block.flag, isTaken: takesSparse, isSparse: extension.sparse !== undefined },
      what,
    );
    const storedBytes = isHeaderOnly(block.flag) ? 0 : entry.sizeBytes;
    bytes.open(storedBytes);
    const sparse = extension.sparse && (await readSparseFile(bytes, extension.sparse, what));
    const inBody = { sizeBytes: bytes.leftOpen, bodyOffset: bytes.position, body: bytes.opened() };
    yield { ...entry, ...inBody, ...(sparse && { sparse }) };
    await bytes.skipOpened(paddingOf(storedBytes));
    extension = {};
  }
}

/** Errors: UnsupportedError for holes in a form that is not read; InvalidContentError for holes in what is no file. */
function refuseSparse(
  { kind, path }: Pick<TarEntry, 'kind' | 'path'>,
  {
    flag,
    isTaken,
    isSparse,
  }: { readonly flag: string; readonly isTaken: boolean; readonly isSparse: boolean },
  what: string,
): void {
  if (flag === 'S') throw new UnsupportedError(`sparse files in GNU tar's old form ("${path}")`, what);
  if (!isSparse) return;
  if (!isTaken) throw new UnsupportedError(`sparse files ("${path}")`, what);
  if (kind !== 'file') throw broken(what, `"${path}" has holes and is no file`);
}

/** Undefined at the end: two zero blocks, one, or none where the source ends between entries. */
async function nextHeader(
  bytes: ByteReader,
  extension: Extension,
  what: string,
): Promise<HeaderBlock | undefined> {
  const block = await bytes.take(BLOCK_BYTES);
  if (!block) return undefined;
  if (block.every((byte) => byte === 0)) {
    const second = await bytes.take(BLOCK_BYTES);
    if (second?.some((byte) => byte !== 0)) throw broken(what, 'it goes on behind its end');
    return undefined;
  }
  const header = decodeHeader(block, extension, what);
  if (!header.cksumValid) throw broken(what, 'the checksum of a header is wrong');
  return { header, flag: flagOf(block), sizeBytes: sizeInHeader(block, what) };
}

/** What tar calls a type: one character, and NUL for a file in old archives. */
function flagOf(block: Buffer): string {
  return String.fromCharCode(block[FLAG_AT] ?? 0).replace('\0', '0');
}

/** The long path goes in at once: a short one cut at a slash would make a folder of a file. */
function decodeHeader(block: Buffer, { path }: Extension, what: string): Header {
  try {
    return new Header(block, 0, path === undefined ? {} : { path });
  } catch (cause) {
    throw new InvalidContentError(what, 'a header cannot be read', { cause });
  }
}

interface ExtensionHeader extends HeaderBlock {
  readonly extension: Extension;
  readonly what: string;
}

/** Reads a header that describes the next one; false when it is an entry itself. */
async function readExtension(bytes: ByteReader, { flag, sizeBytes, extension, what }: ExtensionHeader) {
  if (!'xXgLK'.includes(flag)) return false;
  if (sizeBytes > MAX_EXTENSION_BYTES) throw broken(what, 'the attributes of an entry are too large');
  const body = await bytes.need(sizeBytes);
  await bytes.need(paddingOf(sizeBytes));
  if (flag === 'L') extension.path = untilNul(body);
  if (flag === 'K') extension.linkPath = untilNul(body);
  if (flag === 'g') refuseForAll(body, what);
  if (flag === 'x' || flag === 'X') Object.assign(extension, extensionOf(body, what));
  return true;
}

/** Readers differ in whether attributes of all entries say their names and sizes too; nobody writes such. */
function refuseForAll(body: Buffer, what: string): void {
  const keys = parsePaxRecords(body, what).map(([key]) => key);
  const odd = keys.find((key) => ['path', 'linkpath', 'size'].includes(key) || key.startsWith('GNU.sparse.'));
  if (odd) throw broken(what, `it gives all entries one ${odd}`);
}

function extensionOf(body: Buffer, what: string): Extension {
  const listed = parsePaxRecords(body, what);
  const records = new Map(listed);
  const sparse = sparseRecords(listed, what);
  const path = sparse?.name ?? records.get('path');
  const linkPath = records.get('linkpath');
  const size = records.get('size');
  const mtime = records.get('mtime');
  return {
    ...(path && { path }),
    ...(linkPath && { linkPath }),
    ...(size && { size }),
    ...(mtime && { mtime: paxTime(mtime, what) }),
    ...(sparse && { sparse }),
  };
}

function paxTime(text: string, what: string): Date {
  if (!/^-?\d+(?:\.\d*)?$/.test(text)) throw broken(what, 'the time of an entry is not a number');
  return new Date(Number(text) * 1000);
}

function entryOf(
  { header, flag, sizeBytes: inHeader }: HeaderBlock,
  extension: Extension,
  what: string,
): Omit<TarEntry, 'body' | 'bodyOffset'> {
  const path = extension.path ?? header.path ?? '';
  const kind = KINDS[flag] ?? 'other';
  const inPax = extension.size !== undefined && { inPax: extension.size };
  const sizeBytes = isHeaderOnly(flag) ? 0 : entrySize({ path, inHeader, ...inPax }, what);
  const isFolder = kind === 'file' && path.endsWith('/');
  // Some readers take what follows for its content, others for the next entry.
  if (isFolder && sizeBytes > 0) throw broken(what, `"${path}" is a folder and has content`);
  return {
    kind: isFolder ? 'folder' : kind,
    path,
    linkPath: extension.linkPath ?? header.linkpath ?? '',
    mode: header.mode ?? 0o644,
    mtime: validTime(extension.mtime ?? header.mtime),
    sizeBytes,
  };
}

/** Errors: UnsafePathError, before anything walks over the parts of a path. */
function requireBounded(
  { kind, path, linkPath }: Omit<TarEntry, 'body' | 'bodyOffset'>,
  platform: NodeJS.Platform,
) {
  const problem = pathBoundProblem(path, platform);
  if (problem) throw new UnsafePathError(path, problem);
  if (kind !== 'symlink' && kind !== 'hardlink') return;
  const linkProblem = pathBoundProblem(linkPath, platform);
  if (linkProblem) throw new UnsafePathError(path, `it links to "${linkPath}", but ${linkProblem}`);
}

function validTime(time: Date | undefined): Date {
  return time && !Number.isNaN(time.getTime()) ? time : new Date(0);
}

/** Links, devices, folders and pipes have no body, whatever size they claim. Source: Go's archive/tar. */
function isHeaderOnly(flag: string): boolean {
  return '123456'.includes(flag);
}

function paddingOf(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function broken(what: string, reason: string): InvalidContentError {
  return new InvalidContentError(what, reason);
}
