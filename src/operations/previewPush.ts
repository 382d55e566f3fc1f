import type { Descriptor } from '../oci/descriptor';
import type { Progress } from '../oci/progress';
import type { FileSource, ManifestContent } from '../oci/target';
import { ByteMeter } from './progress';
import { readArtifact, type ArtifactOptions } from './readArtifact';

/** What to show; `onProgress` tells how far the files are read. */
export interface PreviewOptions extends ArtifactOptions {
  readonly onProgress?: (progress: Progress) => void;
}

/** What a push would send. */
export interface PushPreview {
  readonly manifest: ManifestContent;
  /** One a file, in their order. */
  readonly layers: readonly Descriptor[];
  /** Everything that would be there afterwards, without the manifest: layers and config. */
  readonly contentBytes: number;
}

/**
 * The manifest that `push` would write with the same options, to the byte where `created` is given; nothing is sent.
 * Errors: InvalidContentError and UnsafePathError before anything is read; FileError.
 */
export async function previewPush(source: FileSource, options: PreviewOptions): Promise<PushPreview> {
  const reading = { meter: new ByteMeter(options.onProgress), isSent: false };
  const { manifest, layers, blobs } = await readArtifact(source, options, reading);
  const contentBytes = blobs.reduce((total, { descriptor }) => total + descriptor.size, 0);
  return { manifest, layers, contentBytes };
}
