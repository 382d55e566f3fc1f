import type { WaitOptions } from './target';
import { untilAborted } from './untilAborted';

/** As long as a credential helper gets. */
const LIMIT_MS = 30_000;

export interface LimitedCallsOptions {
  /** The error for a call that has not answered. */
  readonly tooLate: (limitMs: number) => Error;
  /** Called once each time that a service falls silent, until it answers again. */
  readonly onSilent?: () => void;
  readonly limitMs?: number;
}

/**
 * Calls of a service that may never answer, such as a keyring whose question nobody sees. Each has a time limit; while one
 * hangs, others of the same name fail at once.
 */
export class LimitedCalls {
  private readonly hanging = new Set<string>();
  private readonly limitMs: number;

  constructor(private readonly options: LimitedCallsOptions) {
    this.limitMs = options.limitMs ?? LIMIT_MS;
  }

  /** Errors: those of `work`, that of `tooLate`, the abort reason. */
  async run<T>(name: string, work: () => PromiseLike<T>, { signal }: WaitOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    if (this.hanging.has(name)) throw this.options.tooLate(this.limitMs);
    const answer = Promise.resolve(work());
    return untilAborted(this.inTime(name, answer), signal);
  }

  private async inTime<T>(name: string, answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.tookTooLong(name, answer);
        reject(this.options.tooLate(this.limitMs));
      }, this.limitMs);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  private tookTooLong(name: string, answer: Promise<unknown>): void {
    if (this.hanging.size === 0) this.options.onSilent?.();
    this.hanging.add(name);
    const answered = () => void this.hanging.delete(name);
    answer.then(answered, answered);
  }
}
