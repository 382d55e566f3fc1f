const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i;
const FORBIDDEN_ON_WINDOWS = /[\\:*?"<>|]/;

/**
 * A title as `oras` writes it: `.` parts, doubled and trailing slashes removed, `a/..` too. An absolute title and a `..`
 * that leads out stay. In linear time, which Node's `normalize` is not: a registry gives the title.
 */
export function cleanTitle(title: string): string {
  const root = title.startsWith('/') ? '/' : '';
  const kept: string[] = [];
  for (const part of title.split('/')) {
    if (part === '' || part === '.') continue;
    const leadsOut = kept.length === 0 || kept.at(-1) === '..';
    if (part !== '..' || (leadsOut && !root)) kept.push(part);
    else kept.pop();
  }
  return root + kept.join('/') || '.';
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
