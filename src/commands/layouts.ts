import * as vscode from 'vscode';
import { targetOf } from '../host/rowTarget';
import { showError } from '../host/showError';
import { isLayoutHost, layoutPath, layoutPlace } from '../oci/layoutPlace';
import { askLayout } from './askLayout';
import { showInTree } from './showInTree';
import type { Command, Services } from './services';

/** Shows an OCI layout folder or `.tar`, of the Explorer or chosen in a dialog, in the sidebar. */
export const openLayout: Command = async (services, resource) => {
  const known = resource instanceof vscode.Uri ? resource.fsPath : undefined;
  const file = known ?? (await askLayout(services, 'Open OCI layout'));
  if (file) await open(services, file);
};

/** A layout that cannot be read is not added. */
async function open(services: Services, file: string): Promise<void> {
  const { host, name } = layoutPlace(file);
  try {
    const tags = services.openRegistry(host).repository(name).tags()[Symbol.asyncIterator]();
    await tags.next();
    await tags.return?.();
    await showInTree(services, { registry: host, repository: name });
  } catch (error) {
    await showError(services.log, error, { what: 'It was not opened', retry: () => open(services, file) });
  }
}

/** Removes a layout from the sidebar; nothing is deleted on disk. */
export const closeLayout: Command = async (services, row) => {
  const { host, repository } = targetOf(row) ?? {};
  if (!host || !repository || !isLayoutHost(host)) return;
  await services.layouts.remove(layoutPath({ host, name: repository }));
};
