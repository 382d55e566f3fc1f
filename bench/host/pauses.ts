import { readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

/** A stretch of time, in milliseconds. */
interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** How long this thread had a core, and how long it could have run and had none; else it waited for something else. */
interface Turns {
  readonly ranMs: number;
  readonly queuedMs: number;
}

interface Pause extends Stretch, Turns {}

/** What a keystroke may wait for without being noticed. */
const LONG_MS = 20;

/** The long pauses of this thread, from now on, and how much of them was garbage collection. */
export class Pauses {
  private readonly long: Pause[] = [];
  private readonly collections: Stretch[] = [];
  private lastMs = performance.now();
  private lastTurns = turns();
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
    const ran = percent(sum(long.map(({ ranMs }) => ranMs)));
    const queued = percent(sum(long.map(({ queuedMs }) => queuedMs)));
    return `${long.length} pauses of more than ${LONG_MS} ms, ${Math.round(inAllMs)} ms in all: ${ran} % of that the thread ran, ${queued} % it stood in the queue for a core, ${100 - ran - queued} % it waited for the system; ${percent(collectedMs)} % was garbage collection.`;
  }

  private tick(): void {
    const nowMs = performance.now();
    const { ranMs, queuedMs } = turns();
    const { lastMs, lastTurns } = this;
    if (nowMs - lastMs > LONG_MS) {
      const meanwhile = { ranMs: ranMs - lastTurns.ranMs, queuedMs: queuedMs - lastTurns.queuedMs };
      this.long.push({ startMs: lastMs, endMs: nowMs, ...meanwhile });
    }
    this.lastMs = nowMs;
    this.lastTurns = { ranMs, queuedMs };
  }
}

/** So far. Linux: proc(5), `schedstat`, in nanoseconds. */
function turns(): Turns {
  const [ran = 0, queued = 0] = readFileSync('/proc/self/schedstat', 'utf8').split(' ').map(Number);
  return { ranMs: ran / 1e6, queuedMs: queued / 1e6 };
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
