import { annotationKeys } from './annotations';
import type { Annotations, Descriptor } from './descriptor';
import { InvalidContentError } from './errors';
import { goJson, sortedMap } from './goJson';
import type { ContentSource } from './target';

/** A chart to push: what its Chart.yaml says, its archive, and its provenance file where there is one. */
export interface ChartContent {
  readonly metadata: ChartMetadata;
  readonly archive: Descriptor;
  readonly provenance?: Descriptor | undefined;
  /** The content of either. Errors, in the stream: FileError when the file changed since. */
  content(descriptor: Descriptor): ContentSource;
}

type Fields = Readonly<Record<string, unknown>>;

/** Chart.yaml with its known members in the order in which Helm writes them. Source: helm `pkg/chart`. */
export interface ChartMetadata {
  readonly name: string;
  readonly version: string;
  /** Ready to be encoded: ordered, without what is empty. */
  readonly members: Fields;
}

/** Members of Chart.yaml in Helm's order, each with how it is read. */
const MEMBERS: readonly (readonly [string, (value: unknown) => unknown])[] = [
  ['name', line],
  ['home', line],
  ['sources', lines],
  ['version', text],
  ['description', line],
  ['keywords', lines],
  ['maintainers', maintainers],
  ['icon', line],
  ['apiVersion', text],
  ['condition', line],
  ['tags', line],
  ['appVersion', line],
  ['deprecated', flag],
  ['annotations', texts],
  ['kubeVersion', line],
  ['dependencies', dependencies],
  ['type', text],
];

const SEMVER = /^v?\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * Reads Chart.yaml; a chart of apiVersion v1 has its dependencies in `requirements`, the text of requirements.yaml.
 * `where` names it in errors. Errors: InvalidContentError for what Helm would not take.
 */
export async function parseChart(
  chartYaml: string,
  where: string,
  requirements?: string,
): Promise<ChartMetadata> {
  const fields: Fields = { apiVersion: 'v1', ...(await objectOf(chartYaml, where)) };
  const all =
    fields['apiVersion'] === 'v1' && requirements
      ? { ...fields, ...(await dependenciesIn(requirements, where)) }
      : fields;
  const members = present(MEMBERS.map(([name, read]) => [name, read(all[name])]));
  const { name, version, apiVersion, type } = members;
  const broken = (reason: string) => new InvalidContentError(where, reason);
  if (typeof apiVersion !== 'string') throw broken('it has no apiVersion');
  if (typeof name !== 'string' || /[/\\]/.test(name)) throw broken('it has no usable name');
  if (typeof version !== 'string' || !SEMVER.test(version)) throw broken('its version is not semantic');
  if (type !== undefined && type !== 'application' && type !== 'library')
    throw broken('its type is neither application nor library');
  return { name, version, members };
}

/** The config blob of a chart: Chart.yaml as JSON, byte for byte as `helm push` writes it. */
export function chartConfig({ members }: ChartMetadata): Buffer {
  const { annotations } = members;
  return Buffer.from(
    goJson({
      ...members,
      ...(annotations !== undefined && { annotations: sortedMap(annotations as Annotations) }),
    }),
  );
}

/** The tag of a version: tags cannot hold a plus. Source: helm, `pkg/registry`. */
export function chartTag({ version }: ChartMetadata): string {
  return version.replaceAll('+', '_');
}

/** The annotations of a chart's manifest. `created` is RFC 3339. Source: `helm push`. */
export function chartAnnotations({ name, version, members }: ChartMetadata, created: string): Annotations {
  const { description, home, sources, annotations } = members;
  const own = {
    [annotationKeys.description]: description,
    [annotationKeys.url]: home,
    [annotationKeys.created]: created,
    [annotationKeys.source]: (sources as readonly string[] | undefined)?.[0],
    [annotationKeys.authors]: authorsOf(members),
    ...(annotations as Annotations | undefined),
    [annotationKeys.title]: name,
    [annotationKeys.version]: version,
  };
  return Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] =>
      isFilled(entry[1], entry[0], annotations),
    ),
  );
}

/** What the chart's own annotations say is kept even when it is empty. */
function isFilled(value: unknown, key: string, own: unknown): boolean {
  if (typeof value !== 'string') return false;
  return value.trim() !== '' || (typeof own === 'object' && own !== null && key in own);
}

function authorsOf(members: Fields): string {
  const people = (members['maintainers'] ?? []) as readonly {
    readonly name?: string;
    readonly email?: string;
  }[];
  return people.map(({ name = '', email }) => (email ? `${name} (${email})` : name)).join(', ');
}

/** The parser is read when there is a chart to push. */
async function objectOf(yaml: string, where: string): Promise<Fields> {
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(yaml, { maxAliasCount: 100, logLevel: 'error' });
  } catch (cause) {
    throw new InvalidContentError(where, 'it is not YAML', { cause });
  }
  if (isObject(value)) return value;
  throw new InvalidContentError(where, 'it is not a YAML mapping');
}

async function dependenciesIn(requirements: string, where: string): Promise<Fields> {
  const { dependencies } = await objectOf(requirements, `requirements.yaml beside ${where}`);
  return { dependencies };
}

function present(entries: readonly (readonly [string, unknown])[]): Fields {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** One line: white space becomes spaces, what cannot be seen goes. */
function line(value: unknown): string | undefined {
  return text(
    text(value)
      ?.replace(/\s/gu, ' ')
      .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, ''),
  );
}

function lines(value: unknown): readonly string[] | undefined {
  const all = Array.isArray(value) ? value.map((each) => line(each) ?? '') : [];
  return all.length > 0 ? all : undefined;
}

function flag(value: unknown): true | undefined {
  return value === true || undefined;
}

function texts(value: unknown): Annotations | undefined {
  if (!isObject(value) || Object.keys(value).length === 0) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, text(each) ?? '']));
}

function maintainers(value: unknown): readonly Fields[] | undefined {
  const all = (Array.isArray(value) ? value : []).filter(isObject);
  const read = all.map((each) => present(['name', 'email', 'url'].map((name) => [name, line(each[name])])));
  return read.length > 0 ? read : undefined;
}

/** Helm writes the name and the repository of a dependency even when they are empty. */
function dependencies(value: unknown): readonly Fields[] | undefined {
  const all = (Array.isArray(value) ? value : []).filter(isObject);
  const read = all.map((each) =>
    present([
      ['name', line(each['name']) ?? ''],
      ['version', line(each['version'])],
      ['repository', line(each['repository']) ?? ''],
      ['condition', line(each['condition'])],
      ['tags', lines(each['tags'])],
      ['enabled', flag(each['enabled'])],
      [
        'import-values',
        Array.isArray(each['import-values']) && each['import-values'].length > 0
          ? each['import-values']
          : undefined,
      ],
      ['alias', text(each['alias'])],
    ]),
  );
  return read.length > 0 ? read : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
