import { parseDestination } from '../../oci/destination';
import { isLayoutHost, layoutPath } from '../../oci/layoutPlace';
import type { MemberPath } from '../../oci/memberChecks';
import { parseSource, type PullDefinition } from '../../oci/pullDefinition';
import type { PushDefinition } from '../../oci/pushDefinition';

/** A path that a definition names: where in the definition, as it is given, and what is done there. */
export interface NamedPath {
  readonly member: MemberPath;
  readonly given: string;
  /** What it is called in the artifact, where that is said. */
  readonly title?: string;
  readonly use: 'read' | 'write';
}

/** Every path of this machine that a push touches. */
export function pathsOfPush(definition: PushDefinition): NamedPath[] {
  const { files, config, annotationFile, exportManifest, to } = definition;
  const { registry, repository } = parseDestination(to);
  return [
    ...files.map(({ path, title }, at) => ({
      ...read(['files', at, 'path'], path),
      ...(title && { title }),
    })),
    ...(config ? [read(['config', 'path'], config.path)] : []),
    ...(annotationFile ? [read(['annotationFile'], annotationFile)] : []),
    ...(exportManifest ? [write(['exportManifest'], exportManifest)] : []),
    ...layout(write, ['to'], { host: registry, name: repository }),
  ];
}

/** Every path of this machine that a pull touches. */
export function pathsOfPull({ from, into }: PullDefinition): NamedPath[] {
  const { registry, repository } = parseSource(from);
  return [write(['into'], into), ...layout(read, ['from'], { host: registry, name: repository })];
}

function read(member: MemberPath, given: string): NamedPath {
  return { member, given, use: 'read' };
}

function write(member: MemberPath, given: string): NamedPath {
  return { member, given, use: 'write' };
}

function layout(
  use: (member: MemberPath, given: string) => NamedPath,
  member: MemberPath,
  place: { readonly host: string; readonly name: string },
): NamedPath[] {
  return isLayoutHost(place.host) ? [use(member, layoutPath(place))] : [];
}
