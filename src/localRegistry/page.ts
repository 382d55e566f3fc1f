import { SpecError } from './specError';

/** The most names on one page, and how many there are when the client does not say. */
const MAX_PAGE_ENTRIES = 1000;

/** What a client asked of a list. */
export interface PageRequest {
  readonly size: number;
  readonly last?: string;
}

/** One page of a list. `next` is the value of `last` for the page after it; undefined on the last page. */
export interface Page {
  readonly names: readonly string[];
  readonly next?: string;
}

/** Reads `n` and `last`. Errors: SpecError, 400. Spec: distribution-spec v1.1.1, "Listing Tags". */
export function parsePage(query: URLSearchParams): PageRequest {
  const n = query.get('n');
  if (n !== null && !/^\d+$/.test(n)) {
    throw new SpecError(
      400,
      'UNSUPPORTED',
      `The page size n is not a number: ${JSON.stringify(n.slice(0, 40))}.`,
    );
  }
  const last = query.get('last');
  return {
    size: n === null ? MAX_PAGE_ENTRIES : Math.min(Number(n), MAX_PAGE_ENTRIES),
    ...(last !== null && { last }),
  };
}

/** Takes one page from a list that starts behind `last` already; looks one entry further to know of a next page. */
export async function takePage(names: AsyncIterable<string>, size: number): Promise<Page> {
  const taken: string[] = [];
  if (size === 0) return { names: taken };
  for await (const name of names) {
    if (taken.length === size) return { names: taken, next: taken[size - 1] ?? '' };
    taken.push(name);
  }
  return { names: taken };
}

/** A `Link` header to the next page. Spec: RFC 8288. */
export function nextLink(
  path: string,
  query: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { Link: `<${path}?${new URLSearchParams(query).toString()}>; rel="next"` };
}
