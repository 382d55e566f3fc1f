import { InvalidContentError } from '../oci/errors';

/** What graphs are made of. `bytes` are those of manifests, which are in memory. */
const MOST = { manifests: 20_000, blobs: 200_000, bytes: 256 * 1024 * 1024 } as const;

type Counted = keyof typeof MOST;

/** How large a graph may be, and how many bytes all may have that are in memory at once. */
export class GraphBounds {
  private readonly counts: Record<Counted, number> = { manifests: 0, blobs: 0, bytes: 0 };

  /** `whole` counts what is in memory beside this graph as well. */
  constructor(private readonly whole?: GraphBounds) {}

  /** Errors: InvalidContentError for a graph past its bounds. */
  add(what: Counted, amount: number): void {
    this.counts[what] += amount;
    if (what === 'bytes') this.whole?.add(what, amount);
    if (this.counts[what] > MOST[what]) throw tooLarge(EXPLAINED[what]);
  }

  /** The graph is needed no more. */
  release(): void {
    if (this.whole) this.whole.counts.bytes -= this.counts.bytes;
  }
}

const EXPLAINED: Readonly<Record<Counted, string>> = {
  manifests: `it has more than ${MOST.manifests} manifests`,
  blobs: `it has more than ${MOST.blobs} blobs`,
  bytes: `its manifests have more than ${MOST.bytes} bytes`,
};

/** A graph that is past its bounds. */
export function tooLarge(reason: string): InvalidContentError {
  return new InvalidContentError('What was asked for', reason);
}
