// The package's main file is UMD, which a bundler cannot follow.
import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser/lib/esm/main';
import { DefinitionError, type TextPlace } from '../../oci/errors';
import type { MemberPath } from '../../oci/memberChecks';

/** Where a workspace folder keeps its definitions, from the folder on. */
export const ARTIFACTS_FILE = '.oci/artifacts.json';

/** How large the file may be. */
export const MAX_ARTIFACTS_FILE_BYTES = 1024 * 1024;

/** What a definition is for. */
export type DefinitionAction = 'push' | 'pull';

/** The member of the file that has the definitions of each action. */
export const SECTIONS: Readonly<Record<DefinitionAction, string>> = { push: 'artifacts', pull: 'pulls' };

/** A definition as it stands in the file, not looked at yet. */
export interface DefinitionEntry {
  readonly action: DefinitionAction;
  readonly name: string;
  readonly value: unknown;
  /** Where a member of it stands; for one that is not there, what it would be in. `[]` is its name. */
  readonly placeOf: (path: MemberPath) => TextPlace;
}

/**
 * The definitions of a file: JSON, with comments and trailing commas. `file` is its path, for errors. One definition
 * that is wrong in itself leaves the others usable. Errors: DefinitionError for what is wrong with the file.
 */
export function parseArtifactsFile(content: string, file: string): readonly DefinitionEntry[] {
  const source = { text: content.replace(/^\uFEFF/, ''), file };
  const root = rootOf(source);
  refuseDoubles(root, source);
  const names = Object.values(SECTIONS);
  const stranger = membersOf(root).find(({ name }) => !names.includes(name) && name !== '$schema');
  if (stranger) throw wrong(source, stranger.key, `"${stranger.name}" is not known`);
  return (['push', 'pull'] as const).flatMap((action) => entriesOf(root, action, source));
}

interface Source {
  readonly text: string;
  readonly file: string;
}

interface Member {
  readonly name: string;
  readonly key: Node;
}

function rootOf(source: Source): Node {
  const errors: ParseError[] = [];
  const root = parseTree(source.text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error) throw wrong(source, error, `the file is not JSON: ${wordsOf(error)}`);
  if (root?.type !== 'object') throw wrong(source, { offset: 0 }, 'the file is not a JSON object');
  return root;
}

/** `CommaExpected` as `comma expected`. */
function wordsOf({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
}

function entriesOf(root: Node, action: DefinitionAction, source: Source): DefinitionEntry[] {
  const name = SECTIONS[action];
  const section = findNodeAtLocation(root, [name]);
  if (!section) return [];
  if (section.type !== 'object') throw wrong(source, section, `"${name}" is not an object`);
  return membersOf(section).map((member) => ({
    action,
    name: member.name,
    value: getNodeValue(findNodeAtLocation(section, [member.name]) ?? section) as unknown,
    placeOf: (path) => placeAt(source, nodeOf(section, [member.name, ...path]).offset),
  }));
}

/** The name of a member, an entry of a list itself; the nearest thing around for what is not there. */
function nodeOf(section: Node, path: MemberPath): Node {
  const found = findNodeAtLocation(section, [...path]);
  if (!found) return nodeOf(section, path.slice(0, -1));
  return found.parent?.type === 'property' ? (found.parent.children?.[0] ?? found) : found;
}

/** Which of two alike counts differs between programs. */
function refuseDoubles(node: Node, source: Source): void {
  const seen = new Set<string>();
  for (const { name, key } of node.type === 'object' ? membersOf(node) : []) {
    if (seen.has(name)) throw wrong(source, key, `"${name}" appears twice`);
    seen.add(name);
  }
  for (const child of node.children ?? []) refuseDoubles(child, source);
}

function membersOf(object: Node): Member[] {
  return (object.children ?? []).flatMap(({ children: [key] = [] }) =>
    key ? [{ name: String(key.value), key }] : [],
  );
}

function wrong(source: Source, { offset }: { readonly offset: number }, reason: string): DefinitionError {
  return new DefinitionError(placeAt(source, offset), reason);
}

function placeAt({ text, file }: Source, offset: number): TextPlace {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
