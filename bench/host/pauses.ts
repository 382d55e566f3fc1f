import { PerformanceObserver } from 'node:perf_hooks';

/** A stretch of time, in milliseconds. */
interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a keystroke may wait for without being noticed. */
const LONG_MS = 20;

/** The long pauses of this thread, from now on, and how much of them was garbage collection. */
export class Pauses {
  private readonly long: Stretch[] = [];
  private readonly collections: Stretch[] = [];
  private lastMs = performance.now();
  private readonly ticking: NodeJS.Timeout;
  private readonly observer: PerformanceObserver;

  constructor() {
    this.ticking = setInterval(() => this.tick(), 1);
    this.observer = new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries())
        this.collections.push({ startMs: startTime, endMs: startTime + duration });
    });
    this.observer.observe({ entryTypes: ['gc'] });
  }

  get longestCollectionMs(): number {
    return Math.max(0, ...this.collections.map(lengthOf));
  }

  async end(): Promise<void> {
    clearInterval(this.ticking);
    // What was seen last is told in the next turn.
    await new Promise(setImmediate);
    this.observer.disconnect();
  }

  describe(): string {
    const { long } = this;
    const inAllMs = sum(long.map(lengthOf));
    const collectedMs = sum(long.flatMap((pause) => this.collections.map((each) => overlapOf(pause, each))));
    const percent = inAllMs === 0 ? 0 : Math.round((100 * collectedMs) / inAllMs);
    return `${long.length} pauses of more than ${LONG_MS} ms, ${Math.round(inAllMs)} ms in all; ${percent} % of that was garbage collection.`;
  }

  private tick(): void {
    const nowMs = performance.now();
    if (nowMs - this.lastMs > LONG_MS) this.long.push({ startMs: this.lastMs, endMs: nowMs });
    this.lastMs = nowMs;
  }
}

function lengthOf({ startMs, endMs }: Stretch): number {
  return endMs - startMs;
}

function overlapOf(one: Stretch, other: Stretch): number {
  return Math.max(0, Math.min(one.endMs, other.endMs) - Math.max(one.startMs, other.startMs));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
