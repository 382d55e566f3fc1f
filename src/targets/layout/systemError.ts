import { FileError } from '../../oci/errors';

/** True for an error of the file system with one of these codes, e.g. `ENOENT`; of a FileError its system's code counts. */
export function hasSystemCode(error: unknown, ...codes: readonly string[]): boolean {
  if (error instanceof FileError) return codes.includes(error.systemCode);
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** The result of `work`, or undefined when a file or folder on the way does not exist. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
