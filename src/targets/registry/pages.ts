import { InvalidContentError, RegistryError } from '../../oci/errors';
import type { ListOptions } from '../../oci/target';
import { readCapped } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type {
  ResponseHeaders,
  Transport,
  TransportRequest,
  TransportResponse,
} from '../../transport/transport';
import { nextLink } from './linkHeader';
import { sameOrigin } from './sameOrigin';

/** The largest page that is read, in bytes. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** A list longer than this many pages is taken for an endless one. */
const MAX_PAGES = 10_000;
/** For lists that are read whole: the most that registries give at once. */
const DEFAULT_PAGE_SIZE = 1000;

/** The page size that most registries take. */
const COMMON_PAGE_SIZE = 100;
const SIZE_REFUSED = new Set([400, 416, 422]);

/** A JSON object whose members are not known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One page of a list: the answer's headers and the members of its JSON object (the entries, by index, of an array). */
export interface Page {
  readonly headers: ResponseHeaders;
  readonly fields: JsonObject;
}

/** A list that a registry gives in pages. */
export interface PagedList {
  readonly transport: Transport;
  readonly request: Omit<TransportRequest, 'method'> & { readonly path: string };
  /** Set where the query of the first page says how many names it holds, and behind which one it begins. */
  readonly sized?: true;
  /** In words, for messages: "The tag list of host/name". */
  readonly what: string;
  /** Turns an answer that is not a page into its error; undefined when it is a page. */
  readonly refuse?: (response: TransportResponse) => Promise<Error | undefined>;
  /** Where the next page is, for a list that says it in the page instead of a `Link` header. */
  readonly next?: (page: Page) => string | undefined;
}

/**
 * Walks the pages by their `Link` headers, one request each, made only when its page is wanted; one more where the size
 * of the first page is refused.
 * Errors: RegistryError, InvalidContentError (not JSON, too large, a link that leads away or round in circles).
 * Spec: distribution-spec v1.1.1, "Listing Tags"; RFC 8288.
 */
export async function* pages(list: PagedList, options: ListOptions = {}): AsyncGenerator<Page, void> {
  const seen = new Set<string>();
  let paths: readonly (string | URL)[] = list.sized ? firstPaths(list, options) : [list.request.path];
  while (paths.length > 0) {
    const response = await answerOf(list, paths, options);
    const page = { headers: response.headers, fields: await readFields(response, list.what) };
    yield page;
    const next = nextPage(response, list.next ? list.next(page) : nextLink(response.headers.get('link')));
    if (next && (seen.has(next.href) || seen.size >= MAX_PAGES)) {
      throw new InvalidContentError(list.what, 'its pages do not come to an end');
    }
    if (next) seen.add(next.href);
    paths = next ? [next] : [];
  }
}

/** The answer to the first of some paths whose page size the registry does not refuse. */
async function answerOf(
  list: PagedList,
  [path = '', ...others]: readonly (string | URL)[],
  options: ListOptions,
): Promise<TransportResponse> {
  const { transport, request, refuse = refuseFailure } = list;
  const { signal } = options;
  const response = await transport.send(
    { ...request, path, method: 'GET', list: true },
    signal ? { signal } : {},
  );
  const problem = await refuse(response);
  if (!problem) return response;
  if (others.length === 0 || !isAboutSize(problem)) throw problem;
  return answerOf(list, others, options);
}

/** Builds the paths to begin a list at: pages of the size that is wanted, smaller ones, those of the server's choice. */
function firstPaths({ request }: PagedList, { pageSize = DEFAULT_PAGE_SIZE, last }: ListOptions): string[] {
  const smaller = pageSize > COMMON_PAGE_SIZE ? COMMON_PAGE_SIZE : Math.floor(pageSize / 2);
  const from: [string, string][] = last === undefined ? [] : [['last', last]];
  const queries = [pageSize, smaller]
    .filter((size) => size > 0)
    .map((size) => [['n', String(size)] as [string, string], ...from]);
  return [...queries, from].map((query) =>
    [request.path, new URLSearchParams(query).toString()].filter(Boolean).join('?'),
  );
}

/** Statuses of a page size that is refused. The codes that name it differ, and some send none. */
function isAboutSize(problem: Error): boolean {
  return problem instanceof RegistryError && SIZE_REFUSED.has(problem.status);
}

/** An answer that is JSON and holds no list. */
export class NoListError extends InvalidContentError {}

/**
 * The strings of a page's list; servers send `null` for an empty one, and some leave it out behind the `name` of a
 * repository. Errors: NoListError.
 */
export function namesOf({ fields }: Page, member: string, what: string): string[] {
  const value = fields[member] ?? (member in fields || typeof fields['name'] === 'string' ? [] : undefined);
  if (value === undefined) throw new NoListError(what, `it has no "${member}"`);
  if (!Array.isArray(value)) throw new NoListError(what, `its "${member}" is not a list`);
  return value.filter((name) => typeof name === 'string');
}

/** The entries of a page that is an array, or of the array in its `member`. Errors: InvalidContentError. */
export function entriesOf({ fields }: Page, what: string, member?: string): readonly JsonObject[] {
  const value: unknown = member === undefined ? fields : (fields[member] ?? []);
  if (!Array.isArray(value)) throw new InvalidContentError(what, 'it is not a list');
  return value.filter((entry: unknown): entry is JsonObject => typeof entry === 'object' && entry !== null);
}

async function refuseFailure(response: TransportResponse): Promise<RegistryError | undefined> {
  return response.status === 200 ? undefined : registryFailure(response, { method: 'GET' });
}

async function readFields({ body }: TransportResponse, what: string): Promise<Page['fields']> {
  const text = (await readCapped(body, MAX_PAGE_BYTES, what)).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Page['fields'];
  } catch {
    // The cause is left out: V8's message quotes the text.
    throw new InvalidContentError(what, 'it is not JSON');
  }
  throw new NoListError(what, 'it is not a JSON object');
}

function nextPage({ url }: TransportResponse, target: string | undefined): URL | undefined {
  if (target === undefined) return undefined;
  return sameOrigin(inSchemeOf(url, target), url, 'address of the next page');
}

/** Behind a proxy that ends TLS, registries write the other scheme into their links: the one that was asked by counts. */
function inSchemeOf(base: URL, target: string): string {
  if (!URL.canParse(target)) return target;
  const url = new URL(target);
  if (url.host !== base.host || !/^https?:$/.test(url.protocol)) return target;
  url.protocol = base.protocol;
  return url.href;
}
