import type { CollectUnused } from '../oci/unusedContent';

/** In a file of its own beside the extension's: it is asked for rarely. */
export const collectUnused: CollectUnused = async (place, options) =>
  (await import('../localRegistry/unusedContent')).collectUnused(place, options);
