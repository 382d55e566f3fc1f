import type { Digest } from '../oci/digest';
import { untilAborted } from '../oci/untilAborted';

/** The manifests that a request stores, and those that the server has to look up for it. */
export interface Touched {
  readonly stores?: Digest;
  readonly looksUp?: readonly Digest[];
}

interface Going extends Touched {
  readonly end: Promise<unknown>;
}

/**
 * Keeps requests apart that must not meet: Docker's registry finds no manifest while it stores the same one once more,
 * be it asked for it or for an index that lists it. Those that are waited for are running, and wait for nobody.
 */
export class Apart {
  private readonly going = new Set<Going>();

  /** Errors: the abort reason, those of the work. */
  async run<T>(
    touched: Touched,
    { signal }: { readonly signal?: AbortSignal | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    for (let other = this.against(touched); other; other = this.against(touched))
      await untilAborted(other.end, signal);
    const running = work();
    const going = { ...touched, end: running.catch(() => undefined) };
    this.going.add(going);
    try {
      return await running;
    } finally {
      this.going.delete(going);
    }
  }

  private against(touched: Touched): Going | undefined {
    for (const other of this.going) if (meets(touched, other) || meets(other, touched)) return other;
    return undefined;
  }
}

function meets({ stores }: Touched, other: Touched): boolean {
  return stores !== undefined && (stores === other.stores || (other.looksUp?.includes(stores) ?? false));
}
