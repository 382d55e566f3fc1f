import path from 'node:path';
import { FileError, UnsafePathError } from '../../oci/errors';
import type { MemberPath } from '../../oci/memberChecks';
import { isInside } from '../../oci/pathInside';
import type { NamedPath } from './definitionPaths';

/** The member of a definition that a failure is about, where it is about a path; `folder` is where paths start. */
export function failedMember(
  error: unknown,
  paths: readonly NamedPath[],
  folder: string,
): MemberPath | undefined {
  if (error instanceof FileError) return ofFile(error.path, paths, folder)?.member;
  if (error instanceof UnsafePathError)
    return paths.find(({ given, title }) => [given, title].includes(error.path))?.member;
  return error instanceof Error && error.cause !== undefined
    ? failedMember(error.cause, paths, folder)
    : undefined;
}

/** The path itself, else a folder that it is in. */
function ofFile(file: string, paths: readonly NamedPath[], folder: string): NamedPath | undefined {
  const full = paths.map((named) => ({ named, place: path.resolve(folder, named.given) }));
  const found =
    full.find(({ place }) => place === file) ??
    full.find(({ place }) => path.isAbsolute(file) && isInside(place, file));
  return found?.named;
}
