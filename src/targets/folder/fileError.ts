import { FileError } from '../../oci/errors';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission was denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'something else stands there already',
  EISDIR: 'a folder stands where a file belongs',
  ELOOP: 'it is part of a loop of links',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long for this disk',
  ENOENT: 'it does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file stands where a folder belongs',
  EPERM: 'the system did not permit it',
  EROFS: 'the disk is read-only',
  EXDEV: 'it lies on another disk than the folder that is written to',
};

/** A FileError that names `path` for an error of the file system; anything else comes back as it is. */
export function asFileError(path: string, error: unknown): unknown {
  const code = systemCodeOf(error);
  if (code === undefined) return error;
  return new FileError(path, code, REASONS[code] ?? 'the file system failed', { cause: error });
}

/** Runs a step of the file system. Errors: FileError that names `path`, for what the system refuses. */
export async function onDisk<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw asFileError(path, error);
  }
}

/** The result of a step, or undefined when what it looks for does not exist. Errors: as `onDisk`. */
export async function ifExists<T>(path: string, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw asFileError(path, error);
  }
}

/** Node's code of a file system error (ENOENT, EACCES ...); undefined for any other error. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
