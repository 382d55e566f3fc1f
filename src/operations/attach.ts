import type { Descriptor, Platform } from '../oci/descriptor';
import { InvalidContentError } from '../oci/errors';
import type { FileSource, Reader, Writer } from '../oci/target';
import { push, type PushOptions, type PushResult } from './push';
import { resolvePlatform } from './resolvePlatform';

/** What to attach. `platform` picks the subject from an index. Tags are seldom wanted: an attachment is found by its subject. */
export interface AttachOptions extends Omit<
  PushOptions,
  'artifactType' | 'artifactPlatform' | 'imageSpec' | 'subject' | 'tags'
> {
  readonly artifactType: string;
  readonly platform?: Platform;
  readonly tags?: readonly string[];
}

/** What was attached, and to what. */
export interface AttachResult extends PushResult {
  readonly subject: Descriptor;
}

/**
 * Pushes files, or annotations alone, as an artifact whose subject is what `reference` stands for.
 * Errors: InvalidContentError for nothing to attach or no artifact type; NotFoundError; those of `push`.
 * Source: `oras attach`.
 */
export async function attach(
  source: FileSource,
  destination: Reader & Writer,
  reference: string,
  options: AttachOptions,
): Promise<AttachResult> {
  refuseEmpty(options);
  const subject = await resolvePlatform(destination, reference, options);
  const result = await push(source, destination, { ...options, tags: options.tags ?? [], subject });
  return { ...result, subject };
}

function refuseEmpty({ artifactType, files, annotations, annotationFile }: AttachOptions): void {
  if (artifactType === '') throw new InvalidContentError('The attachment', 'it needs an artifact type');
  const hasAnnotations = Object.keys({ ...annotationFile?.manifest, ...annotations }).length > 0;
  if (files.length === 0 && !hasAnnotations)
    throw new InvalidContentError('The attachment', 'there are neither files nor annotations in it');
}
