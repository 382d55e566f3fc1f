// The packaged extension, installed for the stand-in as a user installs a VSIX.
import { rmSync } from 'node:fs';
import { packageExtension, vsixFile } from './packageExtension.mjs';
import { run } from './command.mjs';
import { vscodeServer } from './setupVscode.mjs';

/** Packages the extension and installs it into a fresh extensions folder. */
export async function installExtension({ extensionsDir, userDataDir }) {
  await packageExtension();
  rmSync(extensionsDir, { recursive: true, force: true });
  const folders = ['--extensions-dir', extensionsDir, '--user-data-dir', userDataDir];
  const server = [vscodeServer.server, '--accept-server-license-terms', ...folders];
  await run(vscodeServer.node, [...server, '--install-extension', vsixFile]);
}
