import path from 'node:path';
import * as vscode from 'vscode';
import { showInformation, showWarning } from '../host/messages';
import { formatBytes, withByteProgress, withProgress } from '../host/progress';
import { remember } from '../host/recent';
import { manifestTargetOf } from '../host/rowTarget';
import { annotationKeys } from '../oci/annotations';
import { fileEnding } from '../oci/artifactKinds';
import type { Descriptor } from '../oci/descriptor';
import { shortDigest, type Digest } from '../oci/digest';
import type { NewTransfer } from '../host/transferRecord';
import { formatReference, type Reference } from '../oci/reference';
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
  const { host, repository, digest, text, sizeBytes, data } = blob;
  const inline = data !== undefined && { data };
  await saveBlobTo(services, { host, repository, digest, text, sizeBytes, ...inline, file: file.fsPath });
};

/** A blob, and the file that it is saved to. */
export interface BlobSave extends Pick<
  Blob,
  'host' | 'repository' | 'digest' | 'text' | 'sizeBytes' | 'data'
> {
  /** Absolute; replaced where it exists. */
  readonly file: string;
}

/** Saves a blob to a file, so that it can be continued, and says what came of it. */
export async function saveBlobTo(services: Services, save: BlobSave): Promise<void> {
  const { file, text, digest, host } = save;
  await attempt(services, { what: `${text} was not saved`, host }, async () => {
    const { size } = await fetchTo(services, save);
    const message = `Saved ${formatBytes(size)} to ${file}. Digest: ${digest}`;
    void showInformation(message, 'Open').then((chosen) => {
      return chosen && vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
    });
  });
}

function fetchTo(services: Services, save: BlobSave): Promise<Descriptor> {
  const { file, digest, data } = save;
  const during = `Saving ${save.text}`;
  const source = repositoryOf(services, save, during);
  return withByteProgress(during, (progress) =>
    services.transfers.run(saveTransfer(save), progress, (way) => {
      const sink = services.newFileSink(path.dirname(file), way.keeper);
      return fetchBlob(source, digest, sink, { title: path.basename(file), data, ...way });
    }),
  );
}

function saveTransfer(save: BlobSave): NewTransfer {
  const { host, repository, digest, text, file, sizeBytes: totalBytes } = save;
  const title = `Save ${text} of ${host}/${repository}`;
  const words = { title, detail: `To ${file}` };
  return { kind: 'save', identity: [host, repository, digest, file], ...words, totalBytes, job: save };
}

/** Pushes a file as a blob of its own. */
export const pushFileAsBlob: Command = async (services, row) => {
  const repository = await askRepository(services, row, 'Push blob: registry/repository');
  const [file] =
    (repository &&
      (await vscode.window.showOpenDialog({ title: 'Push a file as a blob', openLabel: 'Push' }))) ??
    [];
  if (!repository || !file) return;
  await pushBlobTo(services, { to: repository, file: file.fsPath });
};

/** A file, and the repository that it goes to as a blob. */
export interface BlobPush {
  readonly to: Reference;
  /** Absolute. */
  readonly file: string;
}

/** Pushes a file as a blob, and says what came of it. */
export async function pushBlobTo(services: Services, push: BlobPush): Promise<void> {
  const place = formatReference(push.to);
  const name = path.basename(push.file);
  await attempt(services, { what: `${name} was not pushed`, host: push.to.registry }, async () => {
    const { digest, size } = await run(services, push);
    const message = `Pushed ${name} (${formatBytes(size)}) as a blob of ${place}. Digest: ${digest}`;
    void showInformation(message, 'Copy digest', 'Copy reference').then((chosen) => {
      if (!chosen) return undefined;
      return vscode.env.clipboard.writeText(chosen === 'Copy digest' ? digest : `${place}@${digest}`);
    });
  });
}

async function run(services: Services, job: BlobPush): Promise<Descriptor> {
  const { to, file } = job;
  const during = `Pushing ${path.basename(file)}`;
  const target = services.openRegistry(to.registry, { during });
  const source = services.newFileSource();
  const title = `Push blob ${path.basename(file)} to ${formatReference(to)}`;
  try {
    return await withByteProgress(during, (progress) =>
      services.transfers.run({ kind: 'blob', title, detail: `From ${file}`, job }, progress, (way) =>
        pushBlob(source, destinationOf(target, to.repository, way.signal), { path: file, ...way }),
      ),
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
  const answer = await showWarning(message, { modal: true, detail }, 'Delete');
  if (answer !== 'Delete') return;
  await attempt(services, { what: `${blob.text} was not deleted`, host: blob.host }, async () => {
    const during = `Deleting ${blob.text}`;
    const { digest } = await withProgress(during, ({ signal }) =>
      deleteBlob(repositoryOf(services, blob, during), blob.digest, { signal }),
    );
    services.tree.refreshHost(blob.host);
    void showInformation(`Deleted the blob ${digest}.`);
  });
};

interface Blob {
  readonly host: string;
  readonly repository: string;
  readonly digest: Digest;
  /** What a person calls it. */
  readonly text: string;
  readonly fileName: string;
  /** 0 where that is not known. */
  readonly sizeBytes: number;
  /** In base64, where the content stands in the manifest. */
  readonly data?: string;
}

async function askBlob(services: Services, row: unknown, title: string): Promise<Blob | undefined> {
  const target = manifestTargetOf(row);
  if (target?.descriptor) {
    const { host, repository, descriptor } = target;
    const { digest, size: sizeBytes, data } = descriptor;
    const names = { text: titleOf(descriptor), fileName: fileNameOf(descriptor) };
    return { host, repository, digest, sizeBytes, ...names, ...(data !== undefined && { data }) };
  }
  const reference = await askReference(services, { title, needs: 'digest' });
  if (!reference?.digest) return undefined;
  const { registry: host, repository, digest } = reference;
  await remember(services.state, 'reference', formatReference(reference));
  const fileName = shortDigest(digest);
  return { host, repository, digest, text: `blob ${fileName}`, fileName, sizeBytes: 0 };
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
