import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock, type Alarm, type Clock } from '../../src/transport/clock';

/** A clock whose waits end at once and are written down, and whose alarms ring when told to. */
export class TestClock implements Clock {
  readonly waitsMs: number[] = [];
  private nowMs = Date.UTC(2025, 0, 1);
  private readonly alarms = new Map<() => void, number>();
  /** Emits `one` when an alarm is put off, e.g. by a byte that came. */
  readonly refreshes = new EventEmitter();

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

  alarm(ms: number, ring: () => void): Alarm {
    const start = () => void this.alarms.set(ring, this.nowMs + ms);
    start();
    const refresh = () => {
      start();
      this.refreshes.emit('one');
    };
    return { refresh, cancel: () => this.alarms.delete(ring) };
  }

  /** Lets time pass, and rings the alarms that are due then. */
  elapse(ms: number): void {
    this.advance(ms);
    for (const [ring, dueMs] of [...this.alarms]) if (dueMs <= this.nowMs) ring();
  }

  /** Rings every alarm that is set. */
  ring(): void {
    for (const ring of [...this.alarms.keys()]) ring();
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
