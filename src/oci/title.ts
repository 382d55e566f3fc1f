import path from 'node:path';

const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i;
const FORBIDDEN_ON_WINDOWS = /[\\:*?"<>|]/;

/** A title as `oras` writes it: `.` parts, doubled and trailing slashes removed. Absolute titles and `..` stay as they are. */
export function cleanTitle(title: string): string {
  const clean = path.posix.normalize(title);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

/**
 * Why `title` cannot name a file below a folder, as the end of a sentence; undefined when it can. Titles and the
 * paths of archive entries obey it alike. Source: `oras pull` without `--allow-path-traversal`, made stricter.
 */
export function titleProblem(title: string, platform: NodeJS.Platform): string | undefined {
  if (title === '' || cleanTitle(title) === '.') return 'it names no file';
  if (title.includes('\0')) return 'it holds a NUL character';
  if (title.startsWith('/')) return 'it is an absolute path';
  if (/^[a-zA-Z]:[\\/]/.test(title)) return 'it starts with a drive letter';
  const parts = title.split('/');
  if (parts.includes('..')) return 'it has a ".." part';
  return platform === 'win32'
    ? parts.map(windowsProblem).find((problem) => problem !== undefined)
    : undefined;
}

function windowsProblem(part: string): string | undefined {
  if (FORBIDDEN_ON_WINDOWS.test(part)) return `Windows does not allow the name "${part}"`;
  if (RESERVED_ON_WINDOWS.test(part)) return `Windows keeps the name "${part}" for a device`;
  return part !== '.' && /[. ]$/.test(part) ? `Windows drops the end of the name "${part}"` : undefined;
}
