import path from 'node:path';
import * as vscode from 'vscode';
import { pickOrType } from '../host/pickOrType';
import { recent } from '../host/recent';
import { targetOf } from '../host/rowTarget';
import { pushPreset } from '../oci/artifactKinds';
import { FileError } from '../oci/errors';
import { mediaTypes } from '../oci/mediaTypes';
import { formatReference } from '../oci/reference';
import type { LocalFile } from '../oci/target';
import { askReference } from './askReference';
import { typeSuggestion } from './attachmentTypes';
import { pushDefined } from './pushAndTell';
import { pushKnownKind } from './pushKnownKind';
import type { Command, Services } from './services';

const KNOWN_TYPES = [
  { value: mediaTypes.unknownArtifact, description: 'default of oras push' },
  { value: 'application/vnd.example.config.v1+json', description: 'an example to change', fill: true },
];

/** Pushes the Explorer's selection, or files chosen in a dialog, as one artifact. */
export const pushFiles: Command = async (services, ...args) => {
  const files = await chosenFiles(args);
  if (!files || files.length === 0 || (await pushKnownKind(services, files, args[0]))) return;
  const what = files.length === 1 ? files[0]?.title : `${files.length} files`;
  const reference = await askReference(services, {
    title: `Push ${what} as OCI artifact (1/2): where to`,
    value: startingPoint(services, args[0]),
    needs: 'tag',
  });
  if (!reference) return;
  const title = `Push ${what} as OCI artifact (2/2): artifact type`;
  const artifactType = await askArtifactType(services, title, files);
  if (!artifactType) return;
  const definition = { to: formatReference(reference), artifactType, files };
  await pushDefined(services, { definition, folder: folderOf(files) });
};

/** What the Explorer hands to a command, else what is chosen in a dialog; undefined when it is dismissed. */
export async function chosenFiles(args: readonly unknown[]): Promise<LocalFile[] | undefined> {
  const selected = selectedFiles(args);
  if (selected.length > 0) return selected;
  const chosen = await askForFiles();
  return chosen && withoutNested(chosen).map(localFile);
}

/** What the Explorer hands to a command; nothing from elsewhere. Errors: FileError for what is not on disk. */
export function selectedFiles([first, selection]: readonly unknown[]): LocalFile[] {
  const selected = Array.isArray(selection) ? selection : [first];
  return withoutNested(selected.filter((item): item is vscode.Uri => item instanceof vscode.Uri)).map(
    localFile,
  );
}

async function askForFiles(): Promise<vscode.Uri[] | undefined> {
  return vscode.window.showOpenDialog({
    title: 'Push as OCI artifact',
    openLabel: 'Push',
    canSelectFiles: true,
    canSelectFolders: true,
    canSelectMany: true,
  });
}

/** A file inside a folder that is pushed as well would be in the artifact twice. */
function withoutNested(uris: readonly vscode.Uri[]): vscode.Uri[] {
  return uris.filter((uri) => !uris.some((other) => other !== uri && uri.path.startsWith(`${other.path}/`)));
}

/**
 * The title is the path from the workspace folder, as if `oras push` ran there; outside of one, the name. Errors:
 * FileError for what is not on disk.
 */
export function localFile(uri: vscode.Uri): LocalFile {
  if (uri.scheme !== 'file') {
    throw new FileError(uri.toString(), 'NOT_LOCAL', 'only files on disk can be pushed');
  }
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const inside = folder && path.relative(folder.uri.fsPath, uri.fsPath).split(path.sep).join('/');
  return { path: uri.fsPath, title: inside || path.basename(uri.fsPath) };
}

/** The workspace folder of the first file, else the folder that it is in. */
export function folderOf([first]: readonly LocalFile[]): string {
  const uri = vscode.Uri.file(first?.path ?? '');
  return vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath);
}

function startingPoint({ settings, state }: Services, row: unknown): string {
  const target = targetOf(row);
  if (target?.repository) return `${target.host}/${target.repository}:`;
  if (target) return `${target.host}/`;
  const host = settings.registries[0]?.host;
  return recent(state, 'reference')[0] ?? (host ? `${host}/` : '');
}

/** Asks what the artifact is; undefined when dismissed. */
export async function askArtifactType(
  { state }: Services,
  title: string,
  files: readonly LocalFile[] = [],
): Promise<string | undefined> {
  const preset = pushPreset(files.map((file) => file.title));
  const fitting = preset ? [typeSuggestion(preset.artifactType)] : [];
  const used = recent(state, 'artifactType').map((value) => ({
    value,
    description: 'used before',
    icon: 'history',
  }));
  const all = [...fitting, ...used, ...KNOWN_TYPES];
  return pickOrType({
    title,
    placeholder: 'Artifact type: what this is, as a media type',
    suggestions: all.filter(({ value }, index) => all.findIndex((item) => item.value === value) === index),
    problem: artifactTypeProblem,
  });
}

/** Why a text is not a media type. Spec: RFC 6838, section 4.2. */
export function artifactTypeProblem(text: string): string | undefined {
  const name = /^[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}$/;
  const [type = '', subtype = '', ...rest] = text.split('/');
  if (rest.length === 0 && name.test(type) && name.test(subtype)) return undefined;
  return 'An artifact type is a media type such as application/vnd.example.thing.v1+json.';
}
