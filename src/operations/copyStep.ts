import type { Digest } from '../oci/digest';
import { CopyError, isAbort, OciError } from '../oci/errors';

/** Where in a copy a step is: which side would fail, what is done there, with which content. */
export interface CopyStep {
  readonly side: 'source' | 'destination';
  readonly step: string;
  readonly digest: Digest;
}

/** Runs a step; an error that does not say for itself where it happened is told these facts. Errors: CopyError. */
export async function copyStep<T>({ side, step, digest }: CopyStep, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof OciError || isAbort(error)) throw error;
    throw new CopyError(side, step, digest, error);
  }
}
