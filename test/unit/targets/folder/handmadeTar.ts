import { gzipSync } from 'node:zlib';
import { Header, Pax } from 'tar';

type Fields = ConstructorParameters<typeof Pax>[0];

/** One entry of an archive made by hand, as hostile as wanted. `raw` blocks stand where they are put. */
export type HandmadeEntry =
  | { readonly raw: Buffer }
  | {
      readonly path: string;
      readonly type?:
        'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO' | 'SparseFile';
      readonly content?: string;
      readonly linkpath?: string;
      readonly mode?: number;
      readonly pax?: Fields;
    };

/** An uncompressed archive of these entries, ended by two zero blocks. */
export function handmadeTar(entries: readonly HandmadeEntry[]): Buffer {
  return Buffer.concat([...entries.map(encode), Buffer.alloc(1024)]);
}

/** The same, compressed. */
export function handmadeTarGz(entries: readonly HandmadeEntry[]): Buffer {
  return gzipSync(handmadeTar(entries));
}

/** Archive bytes whose first header was changed by `change`, with the checksum that it then has. */
export function withHeader(bytes: Buffer, change: (block: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  const block = copy.subarray(0, 512);
  change(block);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

/** One entry without the end of an archive, e.g. to be changed. */
export function handmadeEntry(entry: HandmadeEntry): Buffer {
  return encode(entry);
}

/** A header of attributes with this body as it is: `x` for the next entry, `g` for all that follow. */
export function rawPax(body: string, flag: 'x' | 'g' = 'x'): Buffer {
  const bytes = encode({ path: 'PaxHeaders/x', content: body });
  return withHeader(bytes, (block) => block.write(flag, 156, 'latin1'));
}

/** `<length> <key>=<value>\n`, with the length that it has. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (length !== Buffer.byteLength(`${length}${rest}`)) length = Buffer.byteLength(`${length}${rest}`);
  return `${length}${rest}`;
}

function encode(entry: HandmadeEntry): Buffer {
  if ('raw' in entry) return entry.raw;
  const { path, type = 'File', content = '', linkpath, mode = 0o644, pax } = entry;
  const header = new Header({
    path,
    type,
    mode,
    uid: 0,
    gid: 0,
    size: Buffer.byteLength(content),
    mtime: new Date(1_600_000_000_000),
    ...(linkpath !== undefined && { linkpath }),
  });
  header.encode();
  const padding = Buffer.alloc((512 - (Buffer.byteLength(content) % 512)) % 512);
  const front = pax ? new Pax(pax).encode() : Buffer.alloc(0);
  return Buffer.concat([front, header.block ?? Buffer.alloc(0), Buffer.from(content), padding]);
}
