import { canSettle } from '../oci/abilities';
import type { WaitOptions, Writer } from '../oci/target';

/** Runs `work`; what it pushes is put on lists of referrers for many at once. Errors: those of `work` and the target. */
export function settling<T>(destination: Writer, work: () => Promise<T>, wait: WaitOptions): Promise<T> {
  return canSettle(destination) ? destination.settling(work, wait) : work();
}

/** Puts what was pushed so far within `settling` on its lists. Errors: those of the target. */
export async function listPushed(destination: Writer, wait: WaitOptions): Promise<void> {
  if (canSettle(destination)) await destination.listPushed(wait);
}
