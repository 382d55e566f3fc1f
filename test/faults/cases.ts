import type { Exchange } from '../support/faultyProxy';
import { faults, type NamedFault } from './namedFaults';
import type { Operation } from './operations';
import { nameOfTarget, type Target } from './requestTarget';
import type { ServerName } from './servers';

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

/** Every fault at every kind of request in a recorded run that the fault fits; each kind once. */
export function casesOf(
  { operation, serverName }: Pick<Case, 'operation' | 'serverName'>,
  recorded: readonly (Exchange & { readonly target: Target })[],
  random: Random,
): readonly Case[] {
  const known = new Set<string>();
  const isNew = (fault: NamedFault, target: Target) => {
    const name = `${fault.name} at ${nameOfTarget(target)}`;
    return !known.has(name) && known.add(name);
  };
  return recorded.flatMap((exchange) =>
    faults
      .filter((fault) => fault.fits(exchange) && isNew(fault, exchange.target))
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
