import path from 'node:path';
import * as vscode from 'vscode';
import { logError } from '../host/log';
import { pickOrType } from '../host/pickOrType';
import { formatBytes, withByteProgress } from '../host/progress';
import { recent, remember } from '../host/recent';
import { targetOf } from '../host/rowTarget';
import { showError } from '../host/showError';
import { FileError } from '../oci/errors';
import { mediaTypes } from '../oci/mediaTypes';
import { formatReference, type Reference } from '../oci/reference';
import type { LocalFile } from '../oci/target';
import { push, type PushResult } from '../operations/push';
import { WithoutEmptyFiles } from '../operations/withoutEmptyFiles';
import { askReference } from './askReference';
import { destinationOf } from './destinationOf';
import { pushKnownKind } from './pushKnownKind';
import type { Command, Services } from './services';
import { showInTree } from './showInTree';

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
  const artifactType = await askArtifactType(services, `Push ${what} as OCI artifact (2/2): artifact type`);
  if (!artifactType) return;
  await pushTo(services, { files, reference, artifactType });
};

interface PushJob {
  readonly files: readonly LocalFile[];
  readonly reference: Reference;
  readonly artifactType: string;
}

async function pushTo(services: Services, job: PushJob): Promise<void> {
  const { reference, artifactType } = job;
  const text = formatReference(reference);
  await remember(services.state, 'reference', text);
  await remember(services.state, 'artifactType', artifactType);
  try {
    const result = await runPush(services, job);
    void announce(services, job, result);
    await showInTree(services, reference).catch((error: unknown) =>
      logError(services.log, 'Not shown in the sidebar', error),
    );
  } catch (error) {
    const retry = () => pushTo(services, job);
    await showError(services.log, error, { what: `Push to ${text} failed`, host: reference.registry, retry });
  }
}

async function runPush(services: Services, { files, reference, artifactType }: PushJob): Promise<PushResult> {
  const during = `Pushing ${formatReference(reference)}`;
  const registry = services.openRegistry(reference.registry, { during });
  const source = services.newFileSource();
  const checked = registry.profile.refusesEmptyBlobs ? new WithoutEmptyFiles(source, registry.host) : source;
  try {
    return await withByteProgress(during, ({ signal, onProgress }) =>
      push(checked, destinationOf(registry, reference.repository, signal), {
        files,
        artifactType,
        tags: reference.tag ? [reference.tag] : [],
        concurrency: services.settings.concurrency,
        signal,
        onProgress,
      }),
    );
  } finally {
    await source.dispose();
  }
}

async function announce(services: Services, { reference }: PushJob, result: PushResult): Promise<void> {
  const { digest } = result.descriptor;
  const copied = `${reference.registry}/${reference.repository}@${digest}`;
  const sizes = `${formatBytes(result.pushedBytes)} sent, ${formatBytes(result.skippedBytes)} already there`;
  const message = `Pushed ${formatReference(reference)} (${sizes}). Digest: ${digest}`;
  const chosen = await vscode.window.showInformationMessage(message, 'Copy reference', 'Open details');
  if (chosen === 'Copy reference') await vscode.env.clipboard.writeText(copied);
  if (chosen === 'Open details' && reference.tag) {
    await services.openDetails({
      host: reference.registry,
      repository: reference.repository,
      tag: reference.tag,
    });
  }
}

/** What the Explorer hands to a command, else what is chosen in a dialog; undefined when it is dismissed. */
export async function chosenFiles([first, selection]: readonly unknown[]): Promise<LocalFile[] | undefined> {
  const selected = Array.isArray(selection) ? selection : [first];
  const uris = selected.filter((item): item is vscode.Uri => item instanceof vscode.Uri);
  const chosen = uris.length > 0 ? uris : await askForFiles();
  return chosen && withoutNested(chosen).map(localFile);
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

/** The title is the path from the workspace folder, as if `oras push` ran there; outside of one, the name. */
function localFile(uri: vscode.Uri): LocalFile {
  if (uri.scheme !== 'file') {
    throw new FileError(uri.toString(), 'NOT_LOCAL', 'only files on disk can be pushed');
  }
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const inside = folder && path.relative(folder.uri.fsPath, uri.fsPath).split(path.sep).join('/');
  return { path: uri.fsPath, title: inside || path.basename(uri.fsPath) };
}

function startingPoint({ settings, state }: Services, row: unknown): string {
  const target = targetOf(row);
  if (target?.repository) return `${target.host}/${target.repository}:`;
  if (target) return `${target.host}/`;
  const host = settings.registries[0]?.host;
  return recent(state, 'reference')[0] ?? (host ? `${host}/` : '');
}

async function askArtifactType({ state }: Services, title: string): Promise<string | undefined> {
  const used = recent(state, 'artifactType').map((value) => ({
    value,
    description: 'used before',
    icon: 'history',
  }));
  const known = KNOWN_TYPES.filter(({ value }) => !used.some((item) => item.value === value));
  return pickOrType({
    title,
    placeholder: 'Artifact type: what this is, as a media type',
    suggestions: [...used, ...known],
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
