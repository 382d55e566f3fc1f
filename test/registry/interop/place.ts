import type { Kind } from './kinds';

/** Where one artifact is: a tag in a repository of a server. */
export interface Place {
  /** `host:port` of the server. */
  readonly host: string;
  readonly name: string;
  readonly tag: string;
  /** A folder for the kind that is an OCI layout; its tag is `tag`. */
  readonly layout: string;
}

/** `host:port/name` */
export const repositoryOf = ({ host, name }: Place): string => `${host}/${name}`;

/** `host:port/name:tag` */
export const referenceOf = (place: Place): string => `${repositoryOf(place)}:${place.tag}`;

/** The place of the same artifact once a tool has copied it. */
export const copyOf = (place: Place, tool: string): Place => ({ ...place, name: `${place.name}/by-${tool}` });

/** The chart that samples.ts packs; helm wants the repository to end in its name. */
export const chart = { name: 'greeter', version: '0.1.0+build.5', tag: '0.1.0_build.5' } as const;

/** The place of a kind that one author writes. */
export function placeFor(
  host: string,
  { kind, author, scratch }: { readonly kind: Kind; readonly author: string; readonly scratch: string },
): Place {
  const isChart = kind === 'chart';
  return {
    host,
    name: `by-${author}/${kind}${isChart ? `/${chart.name}` : ''}`,
    tag: isChart ? chart.tag : 'v1',
    layout: `${scratch}/layouts/${host.replace(':', '-')}/${author}`,
  };
}
