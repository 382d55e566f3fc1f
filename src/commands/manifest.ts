import * as vscode from 'vscode';
import { prettyJson } from '../host/jsonText';
import { showInformation } from '../host/messages';
import { withProgress } from '../host/progress';
import { referenceText, tagOrDigest, type ManifestTarget } from '../host/rowTarget';
import { shortDigest } from '../oci/digest';
import { fetchConfig, fetchManifest, type FetchedManifest } from '../operations/manifest';
import { askManifest, repositoryOf } from './askManifest';
import { attempt } from './attempt';
import type { Command, Services } from './services';

/** Opens the config of a manifest as a read-only document. */
export const openConfig: Command = async (services, row) => {
  const target = await askManifest(services, row, 'Open config');
  if (!target) return;
  const text = referenceText(target);
  await attempt(services, { what: `The config of ${text} was not opened`, host: target.host }, async () => {
    const during = `Reading the config of ${text}`;
    const { bytes, descriptor } = await withProgress(during, ({ signal }) =>
      fetchConfig(repositoryOf(services, target, during), tagOrDigest(target), { signal }),
    );
    const name = `config-${shortDigest(descriptor.digest)}.json`;
    await services.texts.open({ name, text: prettyJson(Buffer.from(bytes).toString('utf8')) });
  });
};

/** Opens a copy of a manifest to be edited; `pushManifest` pushes it. */
export const editManifest: Command = async (services, row) => {
  const target = await askManifest(services, row, 'Edit manifest');
  if (!target) return;
  const what = `${referenceText(target)} was not opened`;
  await attempt(services, { what, host: target.host }, async () => {
    const { descriptor, bytes } = await read(services, target);
    await services.drafts.open({ target, content: { descriptor, bytes } });
  });
};

/** Writes the exact bytes of a manifest to a file. */
export const exportManifest: Command = async (services, row) => {
  const target = await askManifest(services, row, 'Export manifest');
  if (!target) return;
  const text = referenceText(target);
  await attempt(services, { what: `${text} was not exported`, host: target.host }, async () => {
    const { bytes, descriptor } = await read(services, target);
    const file = await vscode.window.showSaveDialog({
      title: `Export the manifest of ${text}`,
      saveLabel: 'Export',
      defaultUri: defaultFile(target),
      filters: { JSON: ['json'], 'All files': ['*'] },
    });
    if (!file) return;
    await vscode.workspace.fs.writeFile(file, bytes);
    const message = `Exported the manifest of ${text} (${descriptor.digest}).`;
    void showInformation(message, 'Open').then((chosen) => {
      return chosen && vscode.commands.executeCommand('vscode.open', file);
    });
  });
};

function read(services: Services, target: ManifestTarget): Promise<FetchedManifest> {
  const during = `Reading ${referenceText(target)}`;
  return withProgress(during, ({ signal }) =>
    fetchManifest(repositoryOf(services, target, during), tagOrDigest(target), { signal }),
  );
}

function defaultFile({ repository, tag, descriptor }: ManifestTarget): vscode.Uri {
  const last = repository.slice(repository.lastIndexOf('/') + 1);
  const version = tag ?? (descriptor ? shortDigest(descriptor.digest) : 'latest');
  return fileInWorkspace(`${last}-${version}.manifest.json`);
}

/** A file of this name in the workspace, as what a dialog begins with. */
export function fileInWorkspace(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder?.scheme === 'file' ? vscode.Uri.joinPath(folder, name) : vscode.Uri.file(`/${name}`);
}
