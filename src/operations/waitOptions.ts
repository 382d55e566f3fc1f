import type { WaitOptions } from '../oci/target';

/** The part of an operation's options that is passed on to what it waits for. */
export function waitOptions({ signal }: { readonly signal?: AbortSignal | undefined }): WaitOptions {
  return signal ? { signal } : {};
}
