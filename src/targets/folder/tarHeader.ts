const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/** The kinds of archive entry that a packed folder has, with their type flags. */
const TYPE_FLAGS = { file: '0', symlink: '2', folder: '5', extended: 'x' } as const;

/** One entry of a packed folder. `mtimeSeconds` counts from 1970, whole; `sizeBytes` is 0 but for files. */
export interface TarHeaderFields {
  readonly kind: 'file' | 'symlink' | 'folder';
  /** With `/`, without one at the end. */
  readonly path: string;
  readonly mode: number;
  readonly mtimeSeconds: number;
  readonly sizeBytes: number;
  readonly linkPath?: string;
}

/** What stands in one header block, before names are cut to fit. */
interface BlockFields {
  readonly name: string;
  readonly prefix?: string;
  readonly linkName?: string;
  readonly mode: number;
  readonly mtimeSeconds: number;
  readonly sizeBytes: number;
  readonly flag: string;
}

/** The end of an archive: exactly two zero blocks, for `oras pull` hashes no more than those. */
export const TAR_END = Buffer.alloc(2 * BLOCK_BYTES);

/** The zero bytes between the end of a file and the next header. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/**
 * The header of one entry, byte for byte as Go's archive/tar writes it, so that the inner digest of a packed folder is
 * the one `oras` computes: plain ustar where everything fits, else PAX records in front. Owner 0, no owner names.
 * Spec: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block".
 */
export function encodeTarHeader(fields: TarHeaderFields): Buffer {
  const { path, linkPath = '', mode, mtimeSeconds, sizeBytes, kind } = fields;
  const flag = TYPE_FLAGS[kind];
  const records = paxRecords(fields);
  const split = splitPath(path);
  const plainPath = split !== undefined || fits(path);
  if (records.size === 0 || (records.size === 1 && records.has('path') && plainPath)) {
    const [prefix, name] = split ?? ['', path];
    return encodeBlock({ name, prefix, linkName: linkPath, mode, mtimeSeconds, sizeBytes, flag });
  }
  const main = { name: asciiOf(path), linkName: asciiOf(linkPath), mode, mtimeSeconds, sizeBytes, flag };
  return Buffer.concat([extendedHeader(path, records), encodeBlock(main)]);
}

/** What does not fit into the fields of a plain header. */
function paxRecords({ path, linkPath = '', mtimeSeconds, sizeBytes }: TarHeaderFields): Map<string, string> {
  const records = new Map<string, string>();
  if (!fits(linkPath)) records.set('linkpath', linkPath);
  if (!fitsOctal(mtimeSeconds)) records.set('mtime', String(mtimeSeconds));
  if (!fits(path)) records.set('path', path);
  if (!fitsOctal(sizeBytes)) records.set('size', String(sizeBytes));
  return records;
}

function extendedHeader(path: string, records: ReadonlyMap<string, string>): Buffer {
  const body = Buffer.from([...records].map(([key, value]) => paxRecord(key, value)).join(''));
  const slash = path.lastIndexOf('/');
  const name = asciiOf(`${path.slice(0, slash + 1)}PaxHeaders.0/${path.slice(slash + 1)}`);
  const header = encodeBlock({
    name: name.slice(0, NAME_BYTES).replace(/\/+$/, ''),
    mode: 0,
    mtimeSeconds: 0,
    sizeBytes: body.length,
    flag: TYPE_FLAGS.extended,
  });
  return Buffer.concat([header, body, tarPadding(body.length)]);
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function encodeBlock(fields: BlockFields): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  writeName(block, 0, fields.name);
  writeOctal(block, 100, 8, fields.mode);
  writeOctal(block, 108, 8, 0);
  writeOctal(block, 116, 8, 0);
  writeOctal(block, 124, 12, fitsOctal(fields.sizeBytes) ? fields.sizeBytes : 0);
  writeOctal(block, 136, 12, fitsOctal(fields.mtimeSeconds) ? fields.mtimeSeconds : 0);
  block.write(fields.flag, 156, 'latin1');
  writeName(block, 157, fields.linkName ?? '');
  block.write('ustar\x0000', 257, 'latin1');
  if (fields.flag !== TYPE_FLAGS.extended) {
    writeOctal(block, 329, 8, 0);
    writeOctal(block, 337, 8, 0);
  }
  block.write(fields.prefix ?? '', 345, PREFIX_BYTES, 'latin1');
  writeChecksum(block);
  return block;
}

/** A name that was cut behind a slash loses the slash, or old readers would see a folder. */
function writeName(block: Buffer, offset: number, name: string): void {
  const cut = name.length > NAME_BYTES ? name.slice(0, NAME_BYTES).replace(/\/+$/, '') : name;
  block.write(cut, offset, NAME_BYTES, 'latin1');
}

function writeOctal(block: Buffer, offset: number, width: number, value: number): void {
  block.write(value.toString(8).padStart(width - 1, '0'), offset, 'latin1');
}

function writeChecksum(block: Buffer): void {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

/** A long path as prefix and name, at the last slash that lets both fit; undefined when there is none or no need. */
function splitPath(path: string): [string, string] | undefined {
  if (path.length <= NAME_BYTES || !isAscii(path)) return undefined;
  const slash = path.slice(0, PREFIX_BYTES + 1).lastIndexOf('/');
  const nameBytes = path.length - slash - 1;
  if (slash <= 0 || nameBytes > NAME_BYTES || nameBytes === 0) return undefined;
  return [path.slice(0, slash), path.slice(slash + 1)];
}

function fits(name: string): boolean {
  return isAscii(name) && name.length <= NAME_BYTES;
}

/** Eleven octal digits: sizes below 8 GiB, times up to the year 2242. */
function fitsOctal(value: number): boolean {
  return value >= 0 && value < 8 ** 11;
}

function isAscii(text: string): boolean {
  return /^[\x01-\x7f]*$/.test(text);
}

function asciiOf(text: string): string {
  return text.replace(/[^\x01-\x7f]/gu, '');
}
