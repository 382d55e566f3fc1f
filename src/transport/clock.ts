import { setTimeout as delay } from 'node:timers/promises';
import type { WaitOptions } from '../oci/target';

/** A callback that is due at some time unless it is put off or called off. */
export interface Alarm {
  /** Starts the full span again. */
  refresh(): void;
  cancel(): void;
}

/** Time, so that tests need not wait for it. All spans in milliseconds. */
export interface Clock {
  now(): number;
  wait(ms: number, options?: WaitOptions): Promise<void>;
  alarm(ms: number, ring: () => void): Alarm;
}

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wait: waitFor,
  alarm: (ms, ring) => {
    const timer = setTimeout(ring, ms);
    return { refresh: () => void timer.refresh(), cancel: () => clearTimeout(timer) };
  },
};

async function waitFor(ms: number, { signal }: WaitOptions = {}): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
