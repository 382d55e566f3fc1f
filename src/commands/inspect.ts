import * as vscode from 'vscode';
import { withoutAnswer } from './withoutAnswer';
import {
  manifestTargetOf,
  referenceText,
  targetOf,
  tagOrDigest,
  type ManifestTarget,
} from '../host/rowTarget';
import { remember } from '../host/recent';
import { formatReference } from '../oci/reference';
import { askReference } from './askReference';
import type { Command, Services } from './services';

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
  const { digest } =
    descriptor ?? (await services.openRegistry(host).repository(repository).resolve(tagOrDigest(target)));
  await copy(`${host}/${repository}@${digest}`);
};

/** Opens the manifest as a read-only JSON document. */
export const openManifest: Command = async (services, row) => {
  const target = await manifestTarget(services, row, 'Open manifest');
  if (target) await services.openManifest(target);
};

/** Opens the details page. */
export const openDetails: Command = async (services, row) => {
  const target = await manifestTarget(services, row, 'Open details');
  if (target) await services.openDetails(target);
};

async function manifestTarget(
  services: Services,
  row: unknown,
  title: string,
): Promise<ManifestTarget | undefined> {
  const known = manifestTargetOf(row);
  if (known) return known;
  const reference = await askReference(services, { title, needs: 'tagOrDigest' });
  if (!reference) return undefined;
  await remember(services.state, 'reference', formatReference(reference));
  const { registry: host, repository } = reference;
  const repositoryTarget = services.openRegistry(host).repository(repository);
  const descriptor = reference.digest ? await repositoryTarget.resolve(reference.digest) : undefined;
  return {
    host,
    repository,
    ...(reference.tag && { tag: reference.tag }),
    ...(descriptor && { descriptor }),
  };
}

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  withoutAnswer(`Copied ${text}`);
}
