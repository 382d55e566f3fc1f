// The folders of one run.
import { mkdirSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Makes the folders of one run under a new temporary root (short, because unix sockets go below it).
 * The browser profile holds VS Code's secrets and mementos, so it stays with the user data folder.
 */
export function makeFolders({ userDataDir, extensionsDir, folder }) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'vsc-'));
  const folders = {
    root,
    tmp: path.join(root, 't'),
    server: path.join(root, 'server'),
    user: path.resolve(userDataDir ?? path.join(root, 'user')),
    extensions: path.resolve(extensionsDir ?? path.join(root, 'extensions')),
    browser: path.resolve(userDataDir ?? root, 'browser'),
    workspace: path.resolve(folder ?? path.join(root, 'workspace')),
  };
  for (const made of [folders.tmp, folders.user, folders.extensions, folders.workspace])
    mkdirSync(made, { recursive: true });
  return folders;
}
