import { isAbort, UnsupportedError } from '../../../oci/errors';
import { repositoryProblem } from '../../../oci/reference';
import type { ListOptions } from '../../../oci/target';
import { listRepositories } from '../lister';
import type { ProviderContext } from './provider';

/** How many names of others are passed over while the names of one owner are looked for in a catalog. */
const MAX_PASSED = 5_000;
const CATALOG_PAGE_SIZE = 1000;

/** A part of a registry's list, of an owner or a project. */
export interface ListPart {
  /** By the API of the registry's maker. */
  list(): AsyncIterable<string>;
  /** By the registry's own means, for where the API says no. */
  inRegistry?(): AsyncIterable<string>;
}

/**
 * The names of parts, one part after the other. Where the API gives nothing of a part, the registry is asked; a part that
 * neither gives goes to `onMissing`. Errors: without `onMissing`, those of the API; an abort.
 */
export async function* listParts(
  parts: Iterable<ListPart> | AsyncIterable<ListPart>,
  options: ListOptions,
): AsyncGenerator<string, void> {
  for await (const part of parts) {
    const given = { count: 0 };
    try {
      yield* counted(part.list(), given);
    } catch (error) {
      if (isAbort(error)) throw error;
      const others = given.count === 0 ? part.inRegistry?.() : undefined;
      yield* instead(error, others, options);
    }
  }
}

/** Tells the caller that a part is left out. Errors: `error`, where the caller does not listen. */
export function leaveOut(error: unknown, { onMissing }: ListOptions): void {
  if (!onMissing || isAbort(error)) throw error;
  onMissing(error);
}

/** A list that fails with an error that is known already. */
export async function* failing(error: unknown): AsyncGenerator<string, void> {
  yield* [];
  throw error;
}

/** A registry's catalog, which is not asked again once it failed. */
export class Catalog {
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly context: ProviderContext,
    private readonly options: ListOptions,
  ) {}

  /** All of it. Errors: those of `listRepositories`. */
  whole(): AsyncIterable<string> {
    return this.names({});
  }

  /** The part of one owner, where the catalog is in order and begins anywhere. Errors: as `whole`. */
  async *below(owner: string): AsyncGenerator<string, void> {
    const prefix = `${owner.toLowerCase()}/`;
    let passed = 0;
    for await (const name of this.names({ last: prefix, pageSize: CATALOG_PAGE_SIZE })) {
      if (name.startsWith(prefix)) yield name;
      else if (name > prefix || ++passed > MAX_PASSED) return;
    }
  }

  private async *names(options: ListOptions): AsyncGenerator<string, void> {
    const { transport, host } = this.context;
    if (this.failure) throw this.failure.error;
    try {
      yield* listRepositories(transport, host, { ...this.options, ...options });
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/** A login as the namespace of the same name; undefined where it can be none: an e-mail address, a robot account. */
export function namespaceOf(login: string | undefined): string | undefined {
  const name = login?.toLowerCase() ?? '';
  return name.includes('/') || repositoryProblem(name) !== undefined ? undefined : name;
}

async function* counted(
  names: AsyncIterable<string>,
  given: { count: number },
): AsyncGenerator<string, void> {
  for await (const name of names) {
    given.count += 1;
    yield name;
  }
}

/** An empty answer of the registry does not take back what the API said. */
async function* instead(
  reason: unknown,
  names: AsyncIterable<string> | undefined,
  options: ListOptions,
): AsyncGenerator<string, void> {
  const given = { count: 0 };
  let error = reason;
  let isWhole = false;
  try {
    if (names) yield* counted(names, given);
    isWhole = given.count > 0;
  } catch (second) {
    if (isAbort(second)) throw second;
    if (reason instanceof UnsupportedError) error = second;
  }
  if (!isWhole) leaveOut(error, options);
}
