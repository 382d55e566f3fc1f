// The package's main file is UMD, which a bundler cannot follow.
import { applyEdits, findNodeAtLocation, modify, parseTree } from 'jsonc-parser/lib/esm/main';
import path from 'node:path';
import { formatDestination, parseDestination } from '../../oci/destination';
import { isLayoutHost, layoutPath } from '../../oci/layoutPlace';
import { isInside } from '../../oci/pathInside';
import { titleOf, type DefinedFile, type PushDefinition } from '../../oci/pushDefinition';
import { parseArtifactsFile, SECTIONS } from './artifactsFile';
import { withoutVariables } from './variables';

const NEW_FILE = `// What this folder pushes and pulls. "Push defined artifact…" and "Pull defined artifact…" run it, and so do tasks
// of the type "oci". \${env:NAME} stands for a variable of the environment, \${file:path} for the text of a file.
{
  "artifacts": {}
}
`;

/** A definition by its name, and the absolute path of the folder that its paths start from. */
export interface NamedDefinition {
  readonly name: string;
  readonly definition: PushDefinition;
  readonly folder: string;
}

/**
 * The text of a file of definitions with one set; comments and the other definitions stay. `content` is blank for a file
 * that is new. Errors: DefinitionError for a file that cannot be read; `file` is its path.
 */
export function putDefinition(content: string, file: string, named: NamedDefinition): string {
  const text = content.trim() === '' ? NEW_FILE : content.replace(/^\uFEFF/, '');
  parseArtifactsFile(text, file);
  const value = withoutVariables(written(named));
  const root = parseTree(text);
  const hasSection = root && findNodeAtLocation(root, [SECTIONS.push]);
  const within = hasSection ? text : set(text, [SECTIONS.push], {});
  return set(within, [SECTIONS.push, named.name], value);
}

/** jsonc-parser could lay out the new member by itself, but would do so to the one in front of it as well. */
function set(text: string, at: readonly string[], value: object): string {
  const { unit, lineEnd } = styleOf(text);
  const lead = lineEnd + unit.repeat(at.length);
  const [name = ''] = at.slice(-1);
  const laidOut = JSON.stringify(value, undefined, unit).replaceAll('\n', lead);
  const compact = JSON.stringify(value);
  const member = `${JSON.stringify(name)}: ${compact}`;
  const edits = modify(text, [...at], value, {}).map((edit) => {
    const { content } = edit;
    if (!content.includes(member)) return { ...edit, content: content.replace(compact, () => laidOut) };
    const isFirst = !content.startsWith(',');
    const close = isFirst ? lineEnd + unit.repeat(at.length - 1) : '';
    const put = `${lead}${JSON.stringify(name)}: ${laidOut}${close}`;
    return { ...edit, content: content.replace(member, () => put) };
  });
  return applyEdits(text, edits);
}

/** The definition as a person would write it: paths from the folder on, and nothing that goes without saying. */
function written({ definition, folder }: NamedDefinition): object {
  const { to, files, config, annotationFile, exportManifest, ...rest } = definition;
  const { artifactType, ...others } = rest;
  return {
    to: writtenDestination(to, folder),
    ...(artifactType && { artifactType }),
    files: files.map((entry) => writtenFile(entry, folder)),
    ...(config && { config: short({ ...config, path: relative(config.path, folder) }) }),
    ...(annotationFile && { annotationFile: relative(annotationFile, folder) }),
    ...others,
    ...(exportManifest && { exportManifest: relative(exportManifest, folder) }),
  };
}

/** A title that was the default of an absolute path is said, where the default of the relative one is another. */
function writtenFile(file: DefinedFile, folder: string): unknown {
  const { mediaType, annotations } = file;
  const [from, title] = [relative(file.path, folder), titleOf(file)];
  return short({
    path: from,
    ...(title !== from && { title }),
    ...(mediaType && { mediaType }),
    ...(annotations && { annotations }),
  });
}

function short<T extends { readonly path: string }>(entry: T): T | string {
  return Object.keys(entry).length === 1 ? entry.path : entry;
}

/** What is outside of the folder stays as it is: it is refused when it is used, with a word that says why. */
function relative(given: string, folder: string): string {
  if (!path.isAbsolute(given) || !isInside(folder, given)) return given;
  return path.relative(folder, given).split(path.sep).join('/') || '.';
}

function writtenDestination(to: string, folder: string): string {
  const destination = parseDestination(to);
  if (!isLayoutHost(destination.registry)) return formatDestination(destination);
  const place = relative(layoutPath({ host: destination.registry, name: destination.repository }), folder);
  return [`layout:${place}`, destination.tags.join(',')].filter(Boolean).join(':');
}

/** As the file is written: one step of indentation, and its line ends. */
function styleOf(text: string): { readonly unit: string; readonly lineEnd: string } {
  const unit = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  return { unit, lineEnd: text.includes('\r\n') ? '\r\n' : '\n' };
}
