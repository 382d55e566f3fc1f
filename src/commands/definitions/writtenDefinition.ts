import type { DefinitionAction, DefinitionEntry } from '../../host/artifactsFile/artifactsFile';
import { DefinitionError, InvalidContentError, type TextPlace } from '../../oci/errors';
import { isObject, type MemberPath } from '../../oci/memberChecks';

/** A definition as it was written: in a workspace folder's file, in a task, or in both. */
export interface WrittenDefinition {
  readonly action: DefinitionAction;
  /** For messages, e.g. `The push definition "policies"`. */
  readonly what: string;
  /** The workspace folder that paths start from, absolute. */
  readonly folder: string;
  readonly value: unknown;
  /** Where a member of it stands in a file; undefined for what a task says. */
  readonly placeOf: (path: MemberPath) => TextPlace | undefined;
}

/** What a file says. */
export function ofEntry(entry: DefinitionEntry, folder: string): WrittenDefinition {
  const { action, name, value, placeOf } = entry;
  return { action, what: `The ${action} definition "${name}"`, folder, value, placeOf };
}

/** What a task says by itself. */
export function ofTask(action: DefinitionAction, folder: string): WrittenDefinition {
  return { action, what: `The ${action} task`, folder, value: {}, placeOf: () => undefined };
}

/** The same with some members given by a task, which count more. */
export function withMembers(
  written: WrittenDefinition,
  members: Readonly<Record<string, unknown>>,
): WrittenDefinition {
  if (!isObject(written.value)) return written;
  const placeOf = ([first, ...rest]: MemberPath) => {
    const isTheirs = typeof first === 'string' && Object.hasOwn(members, first);
    return written.placeOf(isTheirs || first === undefined ? [] : [first, ...rest]);
  };
  return { ...written, value: { ...written.value, ...members }, placeOf };
}

/** What is wrong with a member, with its place where it has one. `reason` ends a sentence. */
export function wrongDefinition(
  { what, placeOf }: WrittenDefinition,
  path: MemberPath,
  reason: string,
): DefinitionError | InvalidContentError {
  const place = placeOf(path);
  return place
    ? new DefinitionError(place, `${what} cannot be used: ${reason}`)
    : new InvalidContentError(what, reason);
}
