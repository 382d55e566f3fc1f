import type { Kind } from './kinds';
import type { Place } from './place';

/** What was found in an artifact: file names, with the platform or type before them, to digests of the bytes. */
export type Findings = Readonly<Record<string, string>>;

/** Why a tool cannot do a thing, as a whole clause for the table. */
export type Impossible = string;

export type Write = (place: Place) => Promise<void>;
export type Read = (place: Place) => Promise<Findings>;

/**
 * Somebody who writes and reads artifacts: a program of others, or ours. `writes` puts the sample of that kind into a
 * place. `reads` tells what is there; for `copy` it copies first and reads the copy, for `layout` it takes the layout.
 */
export interface Tool<Name extends string = string> {
  readonly name: Name;
  readonly writes: Readonly<Record<Kind, Write | Impossible>>;
  readonly reads: Readonly<Record<Kind, Read | Impossible>>;
}
