import { pathBoundProblem } from './pathBounds';

const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i;
const FORBIDDEN_ON_WINDOWS = /[\\:*?"<>|]/;
const CONTROL_CHARACTER = /[\u0001-\u001f]/;

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
 * Why `title` cannot name a file below a folder, as the end of a sentence; undefined when it can.
 * Source: `oras pull` without `--allow-path-traversal`, made stricter.
 */
export function titleProblem(title: string, platform: NodeJS.Platform): string | undefined {
  return innerPathProblem(title, platform) ?? (isFolderItself(title) ? 'it names no file' : undefined);
}

/** True for `.` and its like, under which `oras push REFERENCE .` packs a folder. Call it for a bounded path. */
export function isFolderItself(title: string): boolean {
  return title !== '' && cleanTitle(title) === '.';
}

/** The parts of a title as `cleanTitle` gives it: none for the folder itself. */
export function titleParts(title: string): string[] {
  const clean = cleanTitle(title);
  return clean === '.' ? [] : clean.split('/');
}

/**
 * Why `path` is no path of a folder or of what is below it, as the end of a sentence; undefined when it is. Titles and
 * the paths of archive entries obey it alike.
 */
export function innerPathProblem(path: string, platform: NodeJS.Platform): string | undefined {
  const tooLarge = pathBoundProblem(path, platform);
  if (tooLarge) return tooLarge;
  if (path === '') return 'it names no file';
  if (path.includes('\0')) return 'it holds a NUL character';
  if (path.startsWith('/')) return 'it is an absolute path';
  if (/^[a-zA-Z]:[\\/]/.test(path)) return 'it starts with a drive letter';
  const parts = path.split('/');
  if (parts.includes('..')) return 'it has a ".." part';
  return platform === 'win32'
    ? parts.map(windowsNameProblem).find((problem) => problem !== undefined)
    : undefined;
}

/** Why Windows would not keep a name as it is, as the end of a sentence; undefined when it does. */
export function windowsNameProblem(name: string): string | undefined {
  if (CONTROL_CHARACTER.test(name)) return 'Windows does not allow control characters in a name';
  if (FORBIDDEN_ON_WINDOWS.test(name)) return `Windows does not allow the name "${name}"`;
  if (RESERVED_ON_WINDOWS.test(name)) return `Windows keeps the name "${name}" for a device`;
  return name !== '.' && /[. ]$/.test(name) ? `Windows drops the end of the name "${name}"` : undefined;
}
