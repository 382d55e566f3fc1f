import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { asFileError, systemCodeOf } from './fileError';

const MAX_LINKS_FOLLOWED = 40;
const NO_LINK: readonly (string | undefined)[] = ['EINVAL', 'ENOENT', 'ENOTDIR', 'UNKNOWN'];
const ON_WINDOWS = path.sep === '\\';

/** Tells where the link at a path relative to the folder points; undefined for what is no link. */
export type LinkReader = (relativePath: string) => Promise<string | undefined>;

/**
 * Why following `link` (relative to its folder, with `/`) would leave the folder, as the end of a sentence; undefined
 * when it stays inside. Links on the way are followed too, so a chain of harmless-looking links is seen through.
 */
export async function linkProblem(
  link: string,
  target: string,
  readLink: LinkReader,
): Promise<string | undefined> {
  const at = link.split('/').slice(0, -1);
  let ahead = partsOf(target);
  if (!ahead) return absoluteReason(target);
  let followed = 0;
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    if (part === '..') {
      if (at.pop() === undefined) return `it links to "${target}", outside of the folder`;
      continue;
    }
    at.push(part);
    const next = await readLink(at.join('/'));
    if (next === undefined) continue;
    if (++followed > MAX_LINKS_FOLLOWED) return `it links to "${target}", which is a loop of links`;
    const parts = partsOf(next);
    if (!parts) return absoluteReason(next);
    at.pop();
    ahead = [...parts, ...ahead];
  }
  return undefined;
}

/** Reads the links of a folder on disk. Errors of the reader: FileError. */
export function linkReaderOf(folder: string): LinkReader {
  return async (relativePath) => {
    const full = path.join(folder, relativePath);
    try {
      return await readlink(full);
    } catch (error) {
      if (NO_LINK.includes(systemCodeOf(error))) return undefined;
      throw asFileError(full, error);
    }
  };
}

/** The parts of a relative target without `.`; undefined for an absolute one. */
function partsOf(target: string): string[] | undefined {
  const absolute = ON_WINDOWS ? /^(?:[\\/]|[a-zA-Z]:)/ : /^\//;
  if (absolute.test(target)) return undefined;
  return target.split(ON_WINDOWS ? /[\\/]/ : '/').filter((part) => part !== '' && part !== '.');
}

function absoluteReason(target: string): string {
  return `it links to "${target}", an absolute path`;
}
