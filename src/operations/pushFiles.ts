import { annotationKeys } from '../oci/annotations';
import type { AnnotationFile } from '../oci/annotationFile';
import { InvalidContentError, UnsafePathError } from '../oci/errors';
import type { LocalFile } from '../oci/target';
import { cleanTitle, titleProblem } from '../oci/title';
import { requireMediaType } from './manifestPlan';

/**
 * Files with clean titles, and with the annotations that an annotation file has for them by the title as given.
 * Errors: UnsafePathError for a title that no pull would write, InvalidContentError.
 */
export function checkedFiles(
  files: readonly LocalFile[],
  annotationFile?: AnnotationFile,
): readonly LocalFile[] {
  const seen = new Set<string>();
  return files.map((file) => {
    const annotations = { ...annotationFile?.files.get(file.title), ...file.annotations };
    const title = checkedTitle(annotations[annotationKeys.title] ?? file.title);
    if (seen.has(title)) throw new InvalidContentError(`The title "${title}"`, 'two files have it');
    seen.add(title);
    if (file.mediaType) requireMediaType(file.mediaType, `media type of "${title}"`);
    return { ...file, title, annotations };
  });
}

function checkedTitle(title: string): string {
  const problem = titleProblem(title, 'linux');
  if (problem) throw new UnsafePathError(title, problem);
  return cleanTitle(title);
}
