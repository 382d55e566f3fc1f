import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock, type Alarm, type Clock } from '../../src/transport/clock';

/** A clock whose waits end at once and are written down, and whose alarms ring when told to. */
export class TestClock implements Clock {
  readonly waitsMs: number[] = [];
  private nowMs = Date.UTC(2025, 0, 1);
  private readonly alarms = new Set<() => void>();

  now(): number {
    return this.nowMs;
  }

  advance(ms: number): void {
    this.nowMs += ms;
  }

  async wait(ms: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    this.waitsMs.push(ms);
    this.advance(ms);
  }

  alarm(_ms: number, ring: () => void): Alarm {
    this.alarms.add(ring);
    return { refresh: () => undefined, cancel: () => this.alarms.delete(ring) };
  }

  /** Rings every alarm that is set. */
  ring(): void {
    for (const ring of [...this.alarms]) ring();
  }
}

/** A clock whose waits end at once, and whose alarms ring in their time: for real servers that fall silent. */
export class HurriedClock implements Clock {
  private skippedMs = 0;

  now(): number {
    return systemClock.now() + this.skippedMs;
  }

  async wait(ms: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    await nextTurn();
    this.skippedMs += ms;
    signal?.throwIfAborted();
  }

  alarm(ms: number, ring: () => void): Alarm {
    return systemClock.alarm(ms, ring);
  }
}
