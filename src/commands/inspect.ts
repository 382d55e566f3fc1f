import * as vscode from 'vscode';
import { withoutAnswer } from './withoutAnswer';
import { manifestTargetOf, referenceText, targetOf, tagOrDigest } from '../host/rowTarget';
import { askManifest, repositoryOf } from './askManifest';
import type { Command } from './services';

/** Puts a row's reference on the clipboard: registry, repository, or repository with tag. */
export const copyReference: Command = async (_services, row) => {
  const target = targetOf(row);
  if (!target) return;
  const manifest = manifestTargetOf(row);
  const text = manifest
    ? referenceText(manifest)
    : [target.host, target.repository].filter(Boolean).join('/');
  await copy(text);
};

/** Puts `registry/repository@digest` on the clipboard; a tag is resolved first. */
export const copyDigestReference: Command = async (services, row) => {
  const target = manifestTargetOf(row);
  if (!target) return;
  const { host, repository, descriptor } = target;
  const source = repositoryOf(services, target, `Resolving ${referenceText(target)}`);
  const { digest } = descriptor ?? (await source.resolve(tagOrDigest(target)));
  await copy(`${host}/${repository}@${digest}`);
};

/** Opens the manifest as a read-only JSON document. */
export const openManifest: Command = async (services, row) => {
  const target = await askManifest(services, row, 'Open manifest');
  if (target) await services.openManifest(target);
};

/** Opens the details page. */
export const openDetails: Command = async (services, row) => {
  const target = await askManifest(services, row, 'Open details');
  if (target) await services.openDetails(target);
};

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  withoutAnswer(`Copied ${text}`);
}
