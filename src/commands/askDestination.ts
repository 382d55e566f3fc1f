import * as vscode from 'vscode';
import { pickOrType, type Suggestion } from '../host/pickOrType';
import { recent } from '../host/recent';
import { sentence } from '../host/sentence';
import { parseDestination, type Destination } from '../oci/destination';
import { InvalidReferenceError, messageOf } from '../oci/errors';
import { isArchivePath, isLayoutHost } from '../oci/layoutPlace';
import type { Reference } from '../oci/reference';
import { corrected } from './corrected';
import type { Services } from './services';

/** What is copied, for suggestions of where to. */
export interface DestinationQuestion {
  readonly title: string;
  readonly source: Reference;
}

/** Asks where to copy: a registry's repository or an OCI layout folder, with any number of tags. */
export async function askDestination(
  services: Services,
  { title, source }: DestinationQuestion,
): Promise<Destination | undefined> {
  const text = await pickOrType({
    title,
    placeholder: 'registry/repository:tag or layout:/folder:tag; several tags with commas',
    suggestions: suggestions(services, source),
    problem: destinationProblem,
    correction: (typed) => corrected(typed, destinationProblem),
  });
  return text === undefined ? undefined : parseDestination(text);
}

/** Why a text cannot be used as a destination, as a sentence; undefined when it can. */
export function destinationProblem(text: string): string | undefined {
  try {
    const { registry, repository } = parseDestination(text);
    if (isLayoutHost(registry) && isArchivePath(repository))
      return 'A .tar is not changed: copy to a folder, or use "Back up…".';
    return undefined;
  } catch (error) {
    return error instanceof InvalidReferenceError ? sentence(error.reason) : messageOf(error);
  }
}

/** To each place under the name that the source has; each is put into the box to be changed. */
function suggestions({ settings, layouts, state }: Services, source: Reference): Suggestion[] {
  const tag = source.tag ? `:${source.tag}` : '';
  const name = isLayoutHost(source.registry) ? '' : `${source.repository}${tag}`;
  const used = recent(state, 'destination').map((value) => ({
    value: `${value}${tag}`,
    description: 'used before',
    icon: 'history',
  }));
  const registries = settings.registries.map(({ host }) => ({
    value: `${host}/${name}`,
    description: 'registry',
    icon: 'server',
  }));
  const open = layouts.paths
    .filter((file) => !isArchivePath(file))
    .map((file) => ({ value: `layout:${file}${tag}`, description: 'OCI layout', icon: 'folder-library' }));
  return [...used, ...registries, ...open, ...newLayout()].map((item) => ({ ...item, fill: true }));
}

function newLayout(): Suggestion[] {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder?.scheme !== 'file') return [];
  const description = 'a folder as OCI layout: type its name';
  return [{ value: `layout:${folder.fsPath}/`, description, icon: 'new-folder' }];
}
