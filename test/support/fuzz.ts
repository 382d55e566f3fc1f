import fc from 'fast-check';

/** Something that holds for every input; `check` throws or returns false for one it does not hold for. */
export interface Law {
  readonly title: string;
  readonly property: fc.IRawProperty<unknown>;
  /** Its part of the inputs, beside the other laws' of the same parser. */
  readonly weight: number;
}

/** Where chance starts on CI: a change is judged by what it changes. By hand each run starts somewhere else. */
const CI_SEED = 20_261_126;

/** How many inputs each parser gets, over all its laws, and where chance starts: both can be given to repeat a run. */
const casesPerParser = Number(process.env['OCI_FUZZ_CASES'] || 100_000);
const seed = Number(
  process.env['OCI_FUZZ_SEED'] || (process.env['CI'] === 'true' ? CI_SEED : Date.now() % 2 ** 31),
);

/** A law about inputs of one kind. Where inputs are slow to make, a smaller `weight` leaves more of them to others. */
export function law<Input>(
  title: string,
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => boolean | void,
  { weight = 1 } = {},
): Law {
  return { title, property: fc.property(inputs, check), weight };
}

/** The same for a check that waits, e.g. for a disk. */
export function asyncLaw<Input>(
  title: string,
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => Promise<void>,
  { weight = 1 } = {},
): Law {
  return { title, property: fc.asyncProperty(inputs, check), weight };
}

/**
 * Tests a parser's laws with `casesPerParser` inputs, shared among them; what is slow, as a disk is, gets a `share` of
 * these. A failure prints its seed and smallest input.
 */
export function fuzz(parser: string, laws: readonly Law[], { share = 1 } = {}): void {
  const cases = Math.ceil(casesPerParser * share);
  describe(`${parser}, ${cases} inputs from seed ${seed}`, () => {
    const weights = laws.reduce((sum, { weight }) => sum + weight, 0);
    for (const { title, property, weight } of laws) {
      const numRuns = Math.ceil((cases * weight) / weights);
      it(title, () => fc.assert(property, { seed, numRuns }));
    }
  });
}

/** Text as a hostile server may send it: of everything, and of what the parser looks for. */
export function hostileText(...pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { arbitrary: fc.constantFrom(...pieces), weight: 4 },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 4 }), weight: 1 },
    { arbitrary: fc.string({ maxLength: 6 }), weight: 1 },
  );
  return fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
}

/** Text of some characters only, e.g. `abc123`. */
export function textOf(characters: string, lengths: { minLength?: number; maxLength?: number }) {
  return fc.string({ unit: fc.constantFrom(...characters), ...lengths });
}

/** Objects with these members, as code makes them. */
export function recordOf<T>(model: { [Name in keyof T]: fc.Arbitrary<T[Name]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

/** Runs what may throw errors of one class alone; undefined when it threw one. */
export function only<T>(errors: new (...args: never[]) => Error, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof errors) return undefined;
    throw error;
  }
}
