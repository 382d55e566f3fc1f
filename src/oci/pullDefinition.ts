import { InvalidContentError, InvalidReferenceError } from './errors';
import {
  flag,
  listOf,
  objectOf,
  parsedBy,
  problemText,
  text,
  type MemberChecks,
  type MemberProblem,
} from './memberChecks';
import { parsePlace } from './place';
import { parsePlatform } from './platform';
import type { Reference } from './reference';
import { titleProblem } from './title';

/**
 * All that a pull is told, as JSON holds it. Each member but `from` and `into` may be left out; what that means is
 * said by the flag of `oras pull` that it stands for.
 */
export interface PullDefinition {
  /** `registry/repository:tag`, `registry/repository@digest`, or `layout:/folder` with either. */
  readonly from: string;
  /** The folder to write to, from the folder that the definition belongs to, with `/`. */
  readonly into: string;
  /** `os/architecture[/variant]`: the one manifest of an index to pull. */
  readonly platform?: string;
  /** Only layers of these types. */
  readonly mediaTypes?: readonly string[];
  /** Only these files, by their titles. */
  readonly titles?: readonly string[];
  /** The files of what it is attached to as well. */
  readonly includeSubject?: boolean;
  /** Path below `into` to write the config to. */
  readonly configTo?: string;
  /** Gives names to layers without a title; they are left out otherwise, but of charts and Singularity images. */
  readonly nameUntitled?: boolean;
  /** Gives files the permissions that the artifact tells. */
  readonly keepModes?: boolean;
  /** Leaves files that exist as they are; they are replaced otherwise. */
  readonly keepExisting?: boolean;
}

/** The members of a definition. */
export const PULL_MEMBERS: MemberChecks = {
  from: parsedBy(parseSource, 'is no reference to pull'),
  into: text,
  platform: parsedBy(parsePlatform, 'is no platform'),
  mediaTypes: listOf(text),
  titles: listOf(text),
  includeSubject: flag,
  configTo: parsedBy(requireTitle, 'cannot be a file below "into"'),
  nameUntitled: flag,
  keepModes: flag,
  keepExisting: flag,
};

/** What is wrong with a definition, and where in it; undefined when nothing is. */
export const pullDefinitionProblem: (value: unknown) => MemberProblem | undefined = objectOf(PULL_MEMBERS, [
  'from',
  'into',
]);

/** Reads a definition from JSON. `where` names it in errors. Errors: InvalidContentError that names the member. */
export function parsePullDefinition(value: unknown, where: string): PullDefinition {
  const problem = pullDefinitionProblem(value);
  if (problem) throw new InvalidContentError(where, problemText(problem));
  return value as PullDefinition;
}

/** What is pulled, with a tag or a digest. Errors: InvalidReferenceError. */
export function parseSource(from: string): Reference {
  const reference = parsePlace(from);
  if (reference.tag === undefined && reference.digest === undefined)
    throw new InvalidReferenceError(from, 'tag', 'it has neither a tag nor a digest');
  return reference;
}

/** What only some systems refuse in a name, the folder says when it is written to. */
function requireTitle(title: string): void {
  const problem = titleProblem(title, 'linux');
  if (problem) throw new Error(problem);
}
