/** Jobs that wait for answers more than they move bytes: so many more of them run beside each of the others. */
const SMALL_BESIDE_EACH = 2;

/** How many jobs run at once, and how many small ones beside them. A concurrency of 1 is meant as it stands. */
export function laneCounts(concurrency: number): { readonly any: number; readonly small: number } {
  const any = Math.max(1, concurrency);
  return { any, small: any > 1 ? any * SMALL_BESIDE_EACH : 0 };
}

/** How a job is let in. An abort ends its waiting. */
export interface LaneOptions {
  readonly isSmall: boolean;
  readonly signal?: AbortSignal | undefined;
}

type Kind = 'any' | 'small';

interface Waiting {
  readonly isSmall: boolean;
  readonly enter: (kind: Kind) => void;
}

/** Bounds what several lists of jobs do at once, as `eachConcurrently` does for one. First come, first served. */
export class Lanes {
  private readonly free: Record<Kind, number>;
  private readonly waiting: Waiting[] = [];

  constructor(concurrency: number) {
    this.free = { ...laneCounts(concurrency) };
  }

  /** A job must not wait for another that is still to be let in. Errors: the abort reason, those of `work`. */
  async run<T>({ isSmall, signal }: LaneOptions, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const kind = this.freeFor(isSmall) ?? (await this.turn(isSmall, signal));
    try {
      return await work();
    } finally {
      this.leave(kind);
    }
  }

  private freeFor(isSmall: boolean): Kind | undefined {
    const kind = isSmall && this.free.small > 0 ? 'small' : 'any';
    if (this.free[kind] === 0) return undefined;
    this.free[kind]--;
    return kind;
  }

  private turn(isSmall: boolean, signal: AbortSignal | undefined): Promise<Kind> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.waiting.splice(this.waiting.indexOf(waiting), 1);
        reject(signal?.reason as Error);
      };
      const enter = (kind: Kind) => {
        signal?.removeEventListener('abort', stop);
        resolve(kind);
      };
      const waiting = { isSmall, enter };
      this.waiting.push(waiting);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  private leave(kind: Kind): void {
    const next = this.waiting.findIndex(({ isSmall }) => isSmall || kind === 'any');
    if (next < 0) this.free[kind]++;
    else this.waiting.splice(next, 1)[0]?.enter(kind);
  }
}
