// The package's main file is UMD, which a bundler cannot follow.
import { parseTree, type Node } from 'jsonc-parser/lib/esm/main';
import { CredentialStoreError } from '../oci/errors';
import { goJson } from '../oci/goJson';
import type { DockerAuth } from './dockerAuth';

/** How a file is written: what one step of indentation is (empty: all on one line), the line end, what follows `:`. */
interface Style {
  readonly unit: string;
  readonly lineEnd: string;
  readonly colon: string;
}

/** The text to put in place of `[start, end)`. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Writes a value whose closing brace stands at `indent`. */
type Render = (indent: string, style: Style) => string;

type Members = Readonly<Record<string, string>>;

/**
 * The text of a docker config with `auths[key]` set; every other byte stays. `text` is valid JSON or blank; null is
 * an empty config. New
 * members go where `oras login` sorts them, or last in a file that is not sorted. Errors: CredentialStoreError for a
 * member that appears twice: which of the two counts differs between programs.
 */
export function setAuth(text: string, key: string, auth: DockerAuth, file: string): string {
  const source = ['', 'null'].includes(text.trim()) ? '{}' : text;
  const root = rootOf(source, file);
  const style = styleOf(source, root);
  const entry = Object.entries(auth).map(([name, value]): [string, string] => [name, goJson(value)]);
  const render: Render = (indent, inner) => renderObject(Object.fromEntries(entry), indent, inner);
  const auths = memberOf(root, 'auths', file);
  if (auths?.type === 'object') return apply(source, setMember(source, auths, { key, render, style }, file));
  const renderAuths: Render = (indent, inner) =>
    renderObject({ [key]: render(indent + inner.unit, inner) }, indent, inner);
  return apply(source, setMember(source, root, { key: 'auths', render: renderAuths, style }, file));
}

/** The text without the members `keys` of `auths`, which stays as `{}` when it becomes empty, as `oras logout` does. */
export function removeAuths(text: string, keys: readonly string[], file: string): string {
  return keys.reduce((current, key) => {
    const auths = memberOf(rootOf(current, file), 'auths', file);
    if (auths === undefined || memberOf(auths, key, file) === undefined) return current;
    return apply(current, removeMember(auths, key));
  }, text);
}

function rootOf(text: string, file: string): Node {
  const root = treeOf(text, file);
  if (root?.type !== 'object') throw new CredentialStoreError(file, 'the file is not a JSON object');
  return root;
}

function treeOf(text: string, file: string): Node | undefined {
  try {
    return parseTree(text);
  } catch {
    throw new CredentialStoreError(file, 'the file is nested too deeply to be changed');
  }
}

function memberOf(object: Node, key: string, file: string): Node | undefined {
  const found = propertiesOf(object).filter((property) => keyOf(property) === key);
  if (found.length > 1) throw new CredentialStoreError(file, `the member "${key}" appears twice`);
  return found[0]?.children?.[1];
}

function setMember(
  text: string,
  object: Node,
  member: { key: string; render: Render; style: Style },
  file: string,
): Edit {
  const { key, style } = member;
  const lead = leadOf(text, object, style);
  const value = renderBehind(lead, member);
  const present = memberOf(object, key, file);
  if (present) return replace(present, value);
  const property = `${goJson(key)}:${style.colon}${value}`;
  const properties = propertiesOf(object);
  if (properties.length === 0) {
    const closing = lead.slice(0, lead.length - style.unit.length);
    return replace(object, `{${lead}${property}${closing}}`);
  }
  const next = properties[insertionIndex(properties.map(keyOf), key)];
  if (next) return { start: next.offset, end: next.offset, text: `${property},${lead}` };
  const end = endOf(properties.at(-1));
  return { start: end, end, text: `,${lead}${property}` };
}

/** A value beside members on one line stays on that line. */
function renderBehind(lead: string, { render, style }: { render: Render; style: Style }): string {
  if (!lead.includes('\n')) return render('', { ...style, unit: '', lineEnd: '' });
  return render(lead.slice(lead.lastIndexOf('\n') + 1), style);
}

function removeMember(object: Node, key: string): Edit {
  const properties = propertiesOf(object);
  const index = properties.findIndex((property) => keyOf(property) === key);
  const next = properties[index + 1];
  if (properties.length === 1) return replace(object, '{}');
  if (index === 0 && next) return { start: properties[0]?.offset ?? 0, end: next.offset, text: '' };
  return { start: endOf(properties[index - 1]), end: endOf(properties[index]), text: '' };
}

/** The white space in front of an object's members; for one without members, what the style makes of its depth. */
function leadOf(text: string, object: Node, style: Style): string {
  const first = object.children?.[0];
  if (first) return text.slice(object.offset + 1, first.offset);
  return style.lineEnd + style.unit.repeat(depthOf(object) + 1);
}

function depthOf(object: Node): number {
  return object.parent?.parent ? 1 + depthOf(object.parent.parent) : 0;
}

function styleOf(text: string, root: Node): Style {
  const first = root.children?.[0];
  if (!first) return { unit: '\t', lineEnd: text.includes('\r\n') ? '\r\n' : '\n', colon: ' ' };
  const lead = text.slice(root.offset + 1, first.offset);
  const [key, value] = first.children ?? [];
  const colon = key && value ? text.slice(endOf(key), value.offset).replace(/^\s*:/, '') : ' ';
  if (!lead.includes('\n')) return { unit: '', lineEnd: '', colon };
  return {
    unit: lead.slice(lead.lastIndexOf('\n') + 1),
    lineEnd: lead.includes('\r\n') ? '\r\n' : '\n',
    colon,
  };
}

function renderObject(members: Members, indent: string, { unit, lineEnd, colon }: Style): string {
  const lines = Object.entries(members).map(
    ([name, value]) => `${lineEnd && lineEnd + indent + unit}${goJson(name)}:${colon}${value}`,
  );
  return `{${lines.join(',')}${lineEnd && lineEnd + indent}}`;
}

/** Where `key` belongs among keys sorted by their bytes; behind all of them when they are not sorted. */
function insertionIndex(keys: readonly string[], key: string): number {
  const bytes = keys.map((name) => Buffer.from(name));
  const sorted = bytes.every(
    (name, index) => index === 0 || Buffer.compare(bytes[index - 1] ?? name, name) < 0,
  );
  const index = bytes.findIndex((name) => Buffer.compare(name, Buffer.from(key)) > 0);
  return sorted && index >= 0 ? index : keys.length;
}

function propertiesOf(object: Node): readonly Node[] {
  return object.children ?? [];
}

function keyOf(property: Node): string {
  return String(property.children?.[0]?.value);
}

function endOf(node: Node | undefined): number {
  return node ? node.offset + node.length : 0;
}

function replace(node: Node, text: string): Edit {
  return { start: node.offset, end: endOf(node), text };
}

function apply(text: string, { start, end, text: put }: Edit): string {
  return text.slice(0, start) + put + text.slice(end);
}
