/** The longest path that is taken from outside, in bytes of UTF-8. Source: PATH_MAX of Linux. */
export const MAX_PATH_BYTES = 4096;
/** The most parts of a path that is taken from outside, empty ones and `.` included. */
export const MAX_PATH_PARTS = 256;
/** The longest part: in bytes of UTF-8, on Windows in UTF-16 units. Source: NAME_MAX; the limit of NTFS. */
export const MAX_PART_LENGTH = 255;

const EITHER_SLASH = /[\\/]/;

/**
 * Why a path from outside (a title, an archive's entry, a link's target) is too large to be looked at any further, as
 * the end of a sentence; undefined when it is not. Check it before anything that walks over the path's parts.
 */
export function pathBoundProblem(path: string, platform: NodeJS.Platform): string | undefined {
  // A path has at least as many bytes as UTF-16 units, which are counted already.
  if (path.length > MAX_PATH_BYTES || Buffer.byteLength(path) > MAX_PATH_BYTES)
    return `it is longer than ${MAX_PATH_BYTES} bytes`;
  const isWindows = platform === 'win32';
  const parts = path.split(isWindows ? EITHER_SLASH : '/');
  if (parts.length > MAX_PATH_PARTS) return `it has more than ${MAX_PATH_PARTS} parts`;
  const lengthOf = (part: string) => (isWindows ? part.length : Buffer.byteLength(part));
  if (parts.every((part) => lengthOf(part) <= MAX_PART_LENGTH)) return undefined;
  return `it has a part that is longer than ${MAX_PART_LENGTH} ${isWindows ? 'characters' : 'bytes'}`;
}
