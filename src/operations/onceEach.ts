import type { Digest } from '../oci/digest';
import { isAbort } from '../oci/errors';
import { untilAborted } from '../oci/untilAborted';

/** Work that several want done and that is done once for each digest. */
export class OnceEach {
  private readonly done = new Set<Digest>();
  private readonly running = new Map<Digest, Promise<void>>();

  /** True for what is done. */
  has(digest: Digest): boolean {
    return this.done.has(digest);
  }

  /**
   * Does the work, or waits until somebody else has: false then. Who waited for one that was stopped takes over. Errors:
   * the abort reason, those of the work.
   */
  async run(
    digest: Digest,
    { signal }: { readonly signal?: AbortSignal | undefined },
    work: () => Promise<void>,
  ): Promise<boolean> {
    while (!this.done.has(digest)) {
      const other = this.running.get(digest);
      if (!other) {
        await this.start(digest, work);
        return true;
      }
      await untilAborted(other, signal).catch((error: unknown) => {
        signal?.throwIfAborted();
        if (!isAbort(error)) throw error;
      });
    }
    return false;
  }

  private async start(digest: Digest, work: () => Promise<void>): Promise<void> {
    const running = work();
    this.running.set(digest, running);
    try {
      await running;
      this.done.add(digest);
    } finally {
      this.running.delete(digest);
    }
  }
}
