import path from 'node:path';
import { annotationKeys } from './annotations';
import { formatReference } from './reference';
import { parseDestination } from './destination';
import { isLayoutHost, layoutPath } from './layoutPlace';
import type { DefinedFile, PushDefinition } from './pushDefinition';

/** A command line of `oras`, and what the definition asks for beyond it, in words. */
export interface OrasCommand {
  /** For a POSIX shell, in the folder of the definition. */
  readonly line: string;
  readonly beyond: readonly string[];
}

/**
 * The `oras push` that writes the same manifest as a definition, but for what `beyond` names and for folders, which oras
 * compresses in its own way. Errors: InvalidReferenceError for where to. Source: `oras push --help` 1.3.
 */
export function orasPushCommand(definition: PushDefinition): OrasCommand {
  const { config, artifactType, annotationFile, imageSpec, artifactPlatform } = definition;
  const { force, exportManifest, created } = definition;
  const annotations = { ...(created && { [annotationKeys.created]: created }), ...definition.annotations };
  const words = [
    'oras push',
    ...destination(definition.to),
    ...flag('--artifact-type', artifactType),
    ...flag('--config', config && typed(config)),
    ...Object.entries(annotations).flatMap(([key, value]) => flag('--annotation', `${key}=${value}`)),
    ...flag('--annotation-file', annotationFile),
    ...flag('--image-spec', imageSpec),
    ...flag('--artifact-platform', artifactPlatform),
    ...flag('--export-manifest', exportManifest),
    ...(force ? ['--force'] : []),
    ...definition.files.map((file) => quoted(typed(file))),
  ];
  return { line: words.join(' '), beyond: beyondOras(definition) };
}

function destination(to: string): string[] {
  const { registry: host, repository: name, tags } = parseDestination(to);
  const behind = tags.length > 0 ? `:${tags.join(',')}` : '';
  if (!isLayoutHost(host)) return [quoted(formatReference({ registry: host, repository: name }) + behind)];
  return ['--oci-layout', quoted(layoutPath({ host, name }) + behind)];
}

function flag(name: string, value: string | undefined): string[] {
  return value ? [name, quoted(value)] : [];
}

function typed({ path: file, mediaType }: Pick<DefinedFile, 'path' | 'mediaType'>): string {
  return mediaType ? `${file}:${mediaType}` : file;
}

/** As a POSIX shell takes it: in single quotes, unless it is plain. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function beyondOras(definition: PushDefinition): string[] {
  const { files, ignoreFile, keepModes, mountFrom, configAnnotations = {} } = definition;
  const beyond: readonly (readonly [unknown, string])[] = [
    [files.some(hasOtherTitle), 'titles other than the paths'],
    [files.some(({ annotations = {} }) => Object.keys(annotations).length > 0), 'annotations of files'],
    [Object.keys(configAnnotations).length > 0, 'annotations of the config'],
    [ignoreFile, 'ignore files'],
    [keepModes, 'kept permissions'],
    [mountFrom?.length, 'mounting from other repositories'],
  ];
  return beyond.flatMap(([isThere, words]) => (isThere ? [words] : []));
}

function hasOtherTitle({ path: file, title }: DefinedFile): boolean {
  return path.isAbsolute(file) || (title !== undefined && title !== file);
}
