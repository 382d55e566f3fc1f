import type { Exchange } from '../support/faultyProxy';
import { faults, type NamedFault } from './namedFaults';
import type { Operation } from './operations';
import type { ServerName } from './servers';

/** A request of an operation, told apart from the others by its key and how often the key came before it. */
export interface Target {
  readonly key: string;
  /** From 1. */
  readonly occurrence: number;
}

/** One fault at one request of one operation. */
export interface Case {
  readonly operation: Operation;
  readonly serverName: ServerName;
  readonly target: Target;
  readonly fault: NamedFault;
  /** At which byte, from 0 to 1. */
  readonly place: number;
}

/** Numbers from 0 to 1, the same for the same seed. */
export type Random = () => number;

/** The requests of a run in words that do not change from run to run: without the case's name and upload addresses. */
export class RequestKeys {
  private readonly counts = new Map<string, number>();

  constructor(private readonly caseName: string) {}

  /** Names the next request. */
  next({ method, path }: Pick<Exchange, 'method' | 'path'>): Target {
    const plain = path.replaceAll(this.caseName, 'case').replace(/(uploads\/)[^?]+(\?|$)/, '$1...$2');
    const key = `${method} ${plain.replace(/_state=[^&]*&?/, '')}`;
    const occurrence = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, occurrence);
    return { key, occurrence };
  }
}

/** Every fault at every request of a recorded run that it fits. */
export function casesOf(
  { operation, serverName }: Pick<Case, 'operation' | 'serverName'>,
  recorded: readonly (Exchange & { readonly target: Target })[],
  random: Random,
): readonly Case[] {
  return recorded.flatMap((exchange) =>
    faults
      .filter(({ fits }) => fits(exchange))
      .map((fault) => ({ operation, serverName, target: exchange.target, fault, place: random() })),
  );
}

/** `count` of them by chance, in their order. */
export function sampleOf<T>(items: readonly T[], count: number, random: Random): readonly T[] {
  const drawn = items.map((item, index) => ({ item, index, by: random() }));
  const chosen = drawn.sort((a, b) => a.by - b.by).slice(0, count);
  return chosen.sort((a, b) => a.index - b.index).map(({ item }) => item);
}

/** A generator by a linear congruence (Numerical Recipes): good enough to choose with. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}
