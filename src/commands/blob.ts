import path from 'node:path';
import * as vscode from 'vscode';
import { formatBytes, withByteProgress, withProgress } from '../host/progress';
import { remember } from '../host/recent';
import { manifestTargetOf } from '../host/rowTarget';
import { annotationKeys } from '../oci/annotations';
import { fileEnding } from '../oci/artifactKinds';
import type { Descriptor } from '../oci/descriptor';
import { shortDigest, type Digest } from '../oci/digest';
import { formatReference } from '../oci/reference';
import { deleteBlob, fetchBlob, pushBlob } from '../operations/blob';
import { repositoryOf } from './askManifest';
import { askReference } from './askReference';
import { askRepository } from './askRepository';
import { attempt } from './attempt';
import { destinationOf } from './destinationOf';
import { fileInWorkspace } from './manifest';
import type { Command, Services } from './services';

/** Saves a blob, as it is, to a file: that of the row, or one whose digest is typed. */
export const saveBlob: Command = async (services, row) => {
  const blob = await askBlob(services, row, 'Fetch blob: registry/repository@digest');
  if (!blob) return;
  const file = await vscode.window.showSaveDialog({
    title: `Save ${blob.text} as`,
    defaultUri: fileInWorkspace(blob.fileName),
  });
  if (!file) return;
  await attempt(services, { what: `${blob.text} was not saved`, host: blob.host }, async () => {
    const sink = services.newFileSink(path.dirname(file.fsPath));
    const title = path.basename(file.fsPath);
    const during = `Saving ${blob.text}`;
    const { size } = await withByteProgress(during, (job) =>
      fetchBlob(repositoryOf(services, blob, during), blob.digest, sink, { title, ...job }),
    );
    const message = `Saved ${formatBytes(size)} to ${file.fsPath}. Digest: ${blob.digest}`;
    void vscode.window.showInformationMessage(message, 'Open').then((chosen) => {
      return chosen && vscode.commands.executeCommand('vscode.open', file);
    });
  });
};

/** Pushes a file as a blob of its own. */
export const pushFileAsBlob: Command = async (services, row) => {
  const repository = await askRepository(services, row, 'Push blob: registry/repository');
  const [file] =
    (repository &&
      (await vscode.window.showOpenDialog({ title: 'Push a file as a blob', openLabel: 'Push' }))) ??
    [];
  if (!repository || !file) return;
  const place = formatReference(repository);
  const name = path.basename(file.fsPath);
  await attempt(services, { what: `${name} was not pushed`, host: repository.registry }, async () => {
    const { digest, size } = await run(services, repository, file.fsPath);
    const message = `Pushed ${name} (${formatBytes(size)}) as a blob of ${place}. Digest: ${digest}`;
    void vscode.window.showInformationMessage(message, 'Copy digest', 'Copy reference').then((chosen) => {
      if (!chosen) return undefined;
      return vscode.env.clipboard.writeText(chosen === 'Copy digest' ? digest : `${place}@${digest}`);
    });
  });
};

async function run(
  services: Services,
  { registry, repository }: { readonly registry: string; readonly repository: string },
  file: string,
): Promise<Descriptor> {
  const during = `Pushing ${path.basename(file)}`;
  const target = services.openRegistry(registry, { during });
  const source = services.newFileSource();
  try {
    return await withByteProgress(during, (job) =>
      pushBlob(source, destinationOf(target, repository, job.signal), {
        path: file,
        ...job,
      }),
    );
  } finally {
    await source.dispose();
  }
}

/** Deletes a blob after saying what that breaks. */
export const deleteOneBlob: Command = async (services, row) => {
  const blob = await askBlob(services, row, 'Delete blob: registry/repository@digest');
  if (!blob) return;
  const detail = `The registry deletes ${blob.digest}. No manifest of the repository that names it can be pulled any more. This cannot be undone.`;
  const message = `Delete the blob ${blob.text}?`;
  const answer = await vscode.window.showWarningMessage(message, { modal: true, detail }, 'Delete');
  if (answer !== 'Delete') return;
  await attempt(services, { what: `${blob.text} was not deleted`, host: blob.host }, async () => {
    const during = `Deleting ${blob.text}`;
    const { digest } = await withProgress(during, ({ signal }) =>
      deleteBlob(repositoryOf(services, blob, during), blob.digest, { signal }),
    );
    services.tree.refresh();
    void vscode.window.showInformationMessage(`Deleted the blob ${digest}.`);
  });
};

interface Blob {
  readonly host: string;
  readonly repository: string;
  readonly digest: Digest;
  /** What a person calls it. */
  readonly text: string;
  readonly fileName: string;
}

async function askBlob(services: Services, row: unknown, title: string): Promise<Blob | undefined> {
  const target = manifestTargetOf(row);
  if (target?.descriptor) {
    const { host, repository, descriptor } = target;
    const names = { text: titleOf(descriptor), fileName: fileNameOf(descriptor) };
    return { host, repository, digest: descriptor.digest, ...names };
  }
  const reference = await askReference(services, { title, needs: 'digest' });
  if (!reference?.digest) return undefined;
  const { registry: host, repository, digest } = reference;
  await remember(services.state, 'reference', formatReference(reference));
  return { host, repository, digest, text: `blob ${shortDigest(digest)}`, fileName: shortDigest(digest) };
}

function titleOf({ annotations, digest }: Descriptor): string {
  return annotations?.[annotationKeys.title] ?? `blob ${shortDigest(digest)}`;
}

/** A folder is saved as the archive that it is. */
function fileNameOf({ annotations, digest, mediaType }: Descriptor): string {
  const title = annotations?.[annotationKeys.title];
  const isFolder = annotations?.[annotationKeys.contentUnpack] === 'true';
  if (!title) return shortDigest(digest) + fileEnding(mediaType);
  return path.posix.basename(title) + (isFolder ? fileEnding(mediaType) : '');
}
