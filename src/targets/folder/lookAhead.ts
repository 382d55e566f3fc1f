/**
 * Prepares items side by side, up to `depth` of them, and gives them in the order of the source. Waits for what it
 * started before it ends, so that nothing runs on behind the caller's back. Errors: those of `source` and `prepare`.
 */
export async function* lookAhead<T, R>(
  source: AsyncIterable<T>,
  depth: number,
  prepare: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const started: Promise<R>[] = [];
  try {
    for await (const item of source) {
      const result = prepare(item);
      // Awaited in its turn; until then a failure must not count as unhandled.
      result.catch(() => undefined);
      started.push(result);
      if (started.length >= depth) yield* firstOf(started);
    }
    while (started.length > 0) yield* firstOf(started);
  } finally {
    await Promise.allSettled(started);
  }
}

async function* firstOf<R>(started: Promise<R>[]): AsyncGenerator<R> {
  const [first] = started.splice(0, 1);
  if (first) yield await first;
}
