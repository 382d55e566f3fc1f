import { canSettle } from '../oci/abilities';
import type { WaitOptions, Writer } from '../oci/target';

/** Runs `work`, with one look at the end at what it wrote to lists of referrers. Errors: those of `work` and the target. */
export function settling<T>(destination: Writer, work: () => Promise<T>, wait: WaitOptions): Promise<T> {
  return canSettle(destination) ? destination.settling(work, wait) : work();
}
