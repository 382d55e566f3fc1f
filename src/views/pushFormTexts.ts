import path from 'node:path';
import * as vscode from 'vscode';
import type { FileFacts, PushForm, ShownPreview } from '../../media/pushForm/messages';
import { formatBytes } from '../host/progress';
import { guessMediaType } from '../oci/artifactKinds';
import { parseDestination } from '../oci/destination';
import { mediaTypes } from '../oci/mediaTypes';
import type { OrasCommand } from '../oci/orasCommand';
import { formatReference } from '../oci/reference';
import type { PushPreview } from '../operations/previewPush';
import type { PushResult } from '../operations/push';

/** What is on disk at a path as a definition in `folder` has it. What is missing is said by the preview. */
export async function factsOf(folder: string, file: string): Promise<FileFacts> {
  const stat = await statOf(path.resolve(folder, file));
  const isFolder = stat !== undefined && (stat.type & vscode.FileType.Directory) !== 0;
  const guessed = isFolder ? undefined : guessMediaType(file);
  const defaultType = isFolder ? mediaTypes.ociLayerGzip : mediaTypes.ociLayer;
  return {
    isFolder,
    size: stat && !isFolder ? formatBytes(stat.size) : '',
    defaultType,
    ...(guessed && guessed !== defaultType && { guessedType: guessed }),
  };
}

async function statOf(file: string): Promise<vscode.FileStat | undefined> {
  try {
    return await vscode.workspace.fs.stat(vscode.Uri.file(file));
  } catch {
    return undefined;
  }
}

/** A preview as texts. */
export function shownPreview(
  { manifest, layers, contentBytes, command }: PushPreview & { readonly command?: OrasCommand },
  { files }: PushForm,
  facts: Readonly<Record<string, FileFacts>>,
): ShownPreview {
  const { descriptor, bytes } = manifest;
  const packed = files.some((file) => facts[file.path]?.isFolder) ? ['the bytes of packed folders'] : [];
  return {
    digest: descriptor.digest,
    manifest: JSON.stringify(JSON.parse(Buffer.from(bytes).toString()), undefined, 2),
    manifestSize: formatBytes(descriptor.size),
    contentSize: formatBytes(contentBytes),
    layerSizes: layers.map(({ size }) => formatBytes(size)),
    command: command?.line ?? '',
    beyond: beyondText([...(command?.beyond ?? []), ...packed]),
  };
}

function beyondText(beyond: readonly string[]): string {
  return beyond.length > 0 ? `Not the same with oras: ${beyond.join(', ')}.` : '';
}

/** What is said of a push, and the reference by digest to copy. */
export function pushedMessage(
  to: string,
  { descriptor, pushedBytes, skippedBytes, mountedBytes }: PushResult,
): { readonly message: string; readonly reference: string } {
  const { registry, repository } = parseDestination(to);
  const mounted = mountedBytes > 0 ? `, ${formatBytes(mountedBytes)} mounted` : '';
  const sizes = `${formatBytes(pushedBytes)} sent, ${formatBytes(skippedBytes)} already there${mounted}`;
  const reference = formatReference({ registry, repository, digest: descriptor.digest });
  return { message: `Pushed ${to} (${sizes}).`, reference };
}
