import * as vscode from 'vscode';
import { commandIds } from '../host/commandIds';
import { withProgress } from '../host/progress';
import { showError } from '../host/showError';
import { isAbort, SignInRequiredError } from '../oci/errors';
import type { RegistryTarget } from '../oci/registryTarget';
import type { WaitOptions } from '../oci/target';
import type { Services } from './services';

/** Looks whether a registry answers, says so when it does not, and goes on to sign in where it asks to. */
export async function checkRegistry(services: Services, host: string): Promise<void> {
  services.tree.refreshHost(host);
  try {
    await withProgress(`Looking at ${host}`, ({ signal }) => look(services, host, { signal }));
  } catch (error) {
    if (error instanceof SignInRequiredError) {
      await vscode.commands.executeCommand(commandIds.signIn, { target: { host } });
      return;
    }
    await showError(services.log, error, {
      what: `${host} does not answer as a registry`,
      host,
      retry: () => checkRegistry(services, host),
    });
  }
}

/** What a registry seems to be is kept where its settings do not say. Some let anyone in and ask only who lists. */
async function look(
  { openRegistry, settings, tree }: Services,
  host: string,
  wait: WaitOptions,
): Promise<void> {
  const registry = openRegistry(host);
  const { kind } = await registry.ping(wait);
  if (kind && registry.profile.kind === 'generic' && settings.registry(host).kind === undefined) {
    await settings.updateRegistry({ host, kind });
    tree.refreshHost(host);
  }
  await listsWithoutSignIn(openRegistry(host), wait);
}

/** Errors: SignInRequiredError alone; any other is shown in the sidebar. */
async function listsWithoutSignIn(registry: RegistryTarget, wait: WaitOptions): Promise<void> {
  const list = registry.repositories({ ...wait, pageSize: 1 })[Symbol.asyncIterator]();
  try {
    await list.next();
  } catch (error) {
    if (error instanceof SignInRequiredError || isAbort(error)) throw error;
  } finally {
    await list.return?.();
  }
}
