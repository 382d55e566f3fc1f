import * as vscode from 'vscode';
import { showInformation } from '../host/messages';
import type { ManifestTarget } from '../host/rowTarget';
import type { Descriptor } from '../oci/descriptor';
import type { Services } from './services';

/** Says what became of a manifest, and offers its reference and its page. Resolves when that is answered. */
export async function announce(
  services: Services,
  message: string,
  target: ManifestTarget & { readonly descriptor: Descriptor },
): Promise<void> {
  const { host, repository, descriptor } = target;
  const chosen = await showInformation(message, 'Copy reference', 'Open details');
  if (chosen === 'Copy reference')
    await vscode.env.clipboard.writeText(`${host}/${repository}@${descriptor.digest}`);
  if (chosen === 'Open details') await services.openDetails(target);
}
