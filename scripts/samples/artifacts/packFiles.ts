import { gzipSync } from 'node:zlib';
import { encodeTarHeader, TAR_END, tarPadding } from '../../../src/targets/folder/tarHeader';

/** When all samples were made: the same bytes, and so the same digests, each time. */
export const SAMPLE_TIME = '2026-01-15T09:00:00Z';

const MTIME_SECONDS = Date.parse(SAMPLE_TIME) / 1000;
const GZIP_SYSTEM_OFFSET = 9;
const UNKNOWN_SYSTEM = 255;

/** An archive of text files by path. Folders that are named (ending in `/`) get an entry of their own. */
export function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(files).flatMap(([path, text]) => entryOf(path, Buffer.from(text)));
  return Buffer.concat([...entries, TAR_END]);
}

/** The same bytes on each system: zlib writes into the header which one it runs on. */
export function gzip(content: Uint8Array): Buffer {
  const packed = gzipSync(content, { level: 9 });
  packed[GZIP_SYSTEM_OFFSET] = UNKNOWN_SYSTEM;
  return packed;
}

function entryOf(path: string, content: Buffer): Buffer[] {
  if (path.endsWith('/')) {
    const name = path.slice(0, -1);
    return [
      encodeTarHeader({ kind: 'folder', path: name, mode: 0o755, mtimeSeconds: MTIME_SECONDS, sizeBytes: 0 }),
    ];
  }
  const sizeBytes = content.length;
  const header = encodeTarHeader({ kind: 'file', path, mode: 0o644, mtimeSeconds: MTIME_SECONDS, sizeBytes });
  return [header, content, tarPadding(sizeBytes)];
}
