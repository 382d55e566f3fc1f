import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { Canary, type Sighting } from '../../support/canary';
import {
  startDockerRegistry,
  type DockerRegistry,
  type DockerRegistryOptions,
} from '../../support/dockerRegistry';
import { startScriptedServer, type Script } from '../../support/scriptedServer';
import type { Shown } from '../support/dialogs';
import { page, type PageCall } from '../support/page';
import { useRegistries } from '../support/registries';
import { openSidebar } from '../support/sidebar';

const HELPER = 'canary';

/** What flows with marked secrets play on: servers that are stopped behind them, and eyes on every surface. */
export class Stage {
  readonly canary = new Canary();
  /** Not secret: found where the extension keeps and logs things, or the search is blind. */
  readonly control = new Canary();
  readonly sightings: Sighting[] = [];
  private readonly cleanups: (() => Promise<unknown>)[] = [];

  /** A folder outside of what is searched: what a credential helper keeps is meant to be kept. */
  readonly keychain = path.join(homedir(), 'canary-keychain');

  /** A docker-registry over plain HTTP, in the user's settings. */
  async registry(options: DockerRegistryOptions, password?: string): Promise<DockerRegistry> {
    const registry = await startDockerRegistry(options);
    this.cleanup(() => registry.stop());
    if (password !== undefined) await registry.setPassword(password);
    await useRegistries({ host: registry.host, plainHttp: true });
    return registry;
  }

  /** A registry that answers by script, in the user's settings; `listed: false` for other servers. */
  async server(script: Script, { listed = true } = {}): Promise<string> {
    const server = await startScriptedServer(script);
    this.cleanup(() => server.stop());
    if (listed) await useRegistries({ host: server.host, plainHttp: true });
    return server.host;
  }

  /** Writes the docker config; the one from before comes back behind the flow. */
  async dockerConfig(text: string): Promise<void> {
    const file = path.join(process.env['DOCKER_CONFIG'] ?? '', 'config.json');
    const before = await readFile(file, 'utf8').catch(() => undefined);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    this.cleanup(() => (before === undefined ? rm(file, { force: true }) : writeFile(file, before)));
  }

  /** Installs a credential helper that writes down its arguments and environment, and names it in the docker config. */
  async helper(): Promise<void> {
    const folder = path.join(homedir(), '.local', 'bin');
    const file = path.join(folder, `docker-credential-${HELPER}`);
    for (const made of [folder, this.keychain]) await mkdir(made, { recursive: true });
    await writeFile(file, helperScript(this.keychain, this.helperCalls));
    await chmod(file, 0o755);
    await this.dockerConfig(JSON.stringify({ credsStore: HELPER }));
  }

  /** What the helper was called with. */
  get helperCalls(): string {
    return path.join(homedir(), 'canary-helper-calls.txt');
  }

  cleanup(work: () => Promise<unknown>): void {
    this.cleanups.push(work);
  }

  look(where: string, text: string): void {
    this.sightings.push(...this.canary.sightings(where, text));
  }

  /** What messages said. */
  lookAtMessages(where: string, { errors, warnings, information, details }: Shown): void {
    this.look(`messages of ${where}`, [...errors, ...warnings, ...information, ...details].join('\n'));
  }

  /** The workbench as it is drawn, the error row of a registry with its tooltip, the editors and the clipboard. */
  async lookAround(where: string): Promise<void> {
    this.look(`workbench during ${where}`, await page<string>(['content']));
    for (const { document } of vscode.window.visibleTextEditors)
      this.look(`editor of ${where}`, document.getText());
    this.look(`clipboard of ${where}`, await vscode.env.clipboard.readText());
  }

  /** Opens a registry in the sidebar, down to the first row below it, whatever it says, and its tooltip. */
  async lookAtRow(where: string, host: string): Promise<void> {
    await openSidebar();
    const registry: PageCall = ['locator', `.sidebar [role=treeitem][aria-label^="${host}"]`];
    await page(registry, ['first'], ['waitFor']);
    if ((await page<string>(registry, ['first'], ['getAttribute', 'aria-expanded'])) !== 'true')
      await page(registry, ['first'], ['locator', '.monaco-tl-twistie'], ['click']);
    const below: PageCall = ['locator', '.sidebar [role=treeitem][aria-level="2"]'];
    await page(below, ['first'], ['waitFor']);
    await showTooltip(below);
    await this.lookAround(`the row of ${where}`);
    await page(['mouse'], ['move', 700, 300]);
  }

  /** Stops what the flow started. */
  async clear(): Promise<void> {
    await vscode.commands.executeCommand('notifications.clearAll');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.env.clipboard.writeText('');
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
    await useRegistries();
  }
}

/** Points at a row until its tooltip is there: a row that is drawn anew under the pointer shows none. */
async function showTooltip(rows: PageCall, tries = 4): Promise<void> {
  await page(['mouse'], ['move', 700, 300]);
  await page(rows, ['first'], ['hover']);
  try {
    await page(['locator', '.monaco-hover:visible'], ['first'], ['waitFor', { timeout: 3000 }]);
  } catch (error) {
    if (tries === 1) throw error;
    await showTooltip(rows, tries - 1);
  }
}

/** One entry is enough. Its keychain is not searched, its calls are. */
function helperScript(keychain: string, calls: string): string {
  return `#!/bin/sh
{ printf 'argument %s\\n' "$0" "$@"; tr '\\0' '\\n' < /proc/$$/cmdline; env; } >> '${calls}'
entry='${keychain}/entry'
case "$1" in
  store) cat > "$entry" ;;
  get) if [ -f "$entry" ]; then cat "$entry"; else echo 'credentials not found in native keychain'; exit 1; fi ;;
  erase) rm -f "$entry" ;;
esac
`;
}
