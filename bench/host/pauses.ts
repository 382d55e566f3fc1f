import { PerformanceObserver } from 'node:perf_hooks';

/** A stretch of time, in milliseconds. */
interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** `ranMs` is how long this thread had a core meanwhile. */
interface Pause extends Stretch {
  readonly ranMs: number;
}

/** What a keystroke may wait for without being noticed. */
const LONG_MS = 20;

/** The long pauses of this thread, from now on, and how much of them was garbage collection. */
export class Pauses {
  private readonly long: Pause[] = [];
  private readonly collections: Stretch[] = [];
  private lastMs = performance.now();
  private lastRanMs = ranMs();
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
    const percent = (ms: number) => (inAllMs === 0 ? 0 : Math.round((100 * ms) / inAllMs));
    const waitedMs = inAllMs - sum(long.map((pause) => pause.ranMs));
    return `${long.length} pauses of more than ${LONG_MS} ms, ${Math.round(inAllMs)} ms in all: ${percent(waitedMs)} % of that the thread had no core, ${percent(collectedMs)} % was garbage collection.`;
  }

  private tick(): void {
    const nowMs = performance.now();
    const nowRanMs = ranMs();
    if (nowMs - this.lastMs > LONG_MS)
      this.long.push({ startMs: this.lastMs, endMs: nowMs, ranMs: nowRanMs - this.lastRanMs });
    this.lastMs = nowMs;
    this.lastRanMs = nowRanMs;
  }
}

/** How long this thread has run so far; the types know no Node that can tell. */
function ranMs(): number {
  const { user, system } = (process as unknown as { threadCpuUsage(): NodeJS.CpuUsage }).threadCpuUsage();
  return (user + system) / 1000;
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
