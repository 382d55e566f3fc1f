import { annotationKeys } from './annotations';
import type { Annotations } from './descriptor';

const PERMISSIONS = 0o777;

/** The annotation that keeps a file's permissions, in octal as `chmod` takes them; what is above them is dropped. */
export function modeAnnotation(mode: number): Annotations {
  return { [annotationKeys.fileMode]: (mode & PERMISSIONS).toString(8).padStart(4, '0') };
}

/**
 * A file's permissions by its annotations: ours, else those that ModelPack writes; undefined where there are none.
 * Source: CNCF ModelPack annotations, `org.cncf.model.file.metadata+json`.
 */
export function modeOf(annotations: Annotations = {}): number | undefined {
  const octal = annotations[annotationKeys.fileMode];
  if (octal !== undefined) return /^0?[0-7]{3}$/.test(octal) ? Number.parseInt(octal, 8) : undefined;
  const metadata = annotations[annotationKeys.modelFileMetadata];
  return metadata === undefined ? undefined : modeIn(metadata);
}

function modeIn(metadata: string): number | undefined {
  try {
    const { mode } = JSON.parse(metadata) as { mode?: unknown };
    return typeof mode === 'number' && Number.isInteger(mode) && mode >= 0 ? mode & PERMISSIONS : undefined;
  } catch {
    return undefined;
  }
}
