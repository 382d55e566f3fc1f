import { setImmediate } from 'node:timers/promises';

/** How long a loop may hold the thread that the extension shares with all others, in milliseconds. */
const TURN_MS = 10;
/** The clock is asked once in so many steps. */
const STEPS_BETWEEN = 64;

/** Keeps a loop over what is in memory from holding the thread, and lets it be cancelled. */
export class Pace {
  private steps = 0;
  private turnEndsAt = performance.now() + TURN_MS;

  constructor(private readonly signal?: AbortSignal) {}

  /** Await its result in each turn of the loop, where there is one. Errors: the abort reason. */
  step(): Promise<void> | undefined {
    this.signal?.throwIfAborted();
    if (++this.steps % STEPS_BETWEEN !== 0) return undefined;
    return performance.now() < this.turnEndsAt ? undefined : this.giveWay();
  }

  private async giveWay(): Promise<void> {
    await setImmediate();
    this.signal?.throwIfAborted();
    this.turnEndsAt = performance.now() + TURN_MS;
  }
}
