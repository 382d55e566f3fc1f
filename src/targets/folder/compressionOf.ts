import { isZstd } from './zstdFrames';

/** How many bytes `compressionOf` looks at. */
export const MAGIC_BYTES = 10;

/** First bytes of formats in hex; none can be the name of a tar's first entry. Source: file(1)'s magic numbers. */
const MAGIC: Readonly<Record<string, RegExp>> = {
  gzip: /^1f8b/,
  bzip2: /^425a683[1-9](?:314159265359|177245385090)/,
  xz: /^fd377a585a00/,
  lz4: /^04224d18/,
  lzip: /^4c5a495001/,
  zip: /^504b0304/,
};

/** The name of the compression of a stream by its first bytes; undefined for none that is known. */
export function compressionOf(head: Buffer): string | undefined {
  if (isZstd(head)) return 'zstd';
  const hex = head.subarray(0, MAGIC_BYTES).toString('hex');
  return Object.keys(MAGIC).find((name) => MAGIC[name]?.test(hex));
}
