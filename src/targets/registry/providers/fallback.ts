import { UnsupportedError } from '../../../oci/errors';

/**
 * The list of the first way that the registry supports; a way counts as unsupported only before its first entry.
 * Errors: those of the ways, UnsupportedError where none is supported.
 */
export async function* firstSupportedList<T>(
  first: () => AsyncIterable<T>,
  ...others: readonly (() => AsyncIterable<T>)[]
): AsyncGenerator<T, void> {
  let isEmpty = true;
  try {
    for await (const entry of first()) {
      isEmpty = false;
      yield entry;
    }
  } catch (error) {
    const [second, ...rest] = others;
    if (!(error instanceof UnsupportedError) || !isEmpty || !second) throw error;
    yield* firstSupportedList(second, ...rest);
  }
}

/** Does it in the registry's own way, or, where that is not supported, as the spec says. Errors: those of the ways. */
export async function firstSupported(
  own: (() => Promise<void>) | undefined,
  spec: () => Promise<void>,
): Promise<void> {
  if (!own) return spec();
  try {
    await own();
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    await spec();
  }
}
