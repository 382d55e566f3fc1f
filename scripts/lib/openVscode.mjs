// Opens VS Code for a person: the desktop where there is one, else in the browser.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from './command.mjs';
import { freePort } from './freePort.mjs';
import { installExtension } from './installExtension.mjs';
import { cache, root } from './places.mjs';
import { doing, done } from './say.mjs';
import { canStandIn, setupVscode, vscodeServer } from './setupVscode.mjs';

/**
 * Opens VS Code on a folder with the extension in it, and resolves with the child that lives as long as it is open.
 * @param places `workspace` and `userDataDir`.
 */
export async function openVscode(children, places) {
  const desktop = await desktopProgram();
  return desktop ? openDesktop(children, desktop, places) : openInBrowser(children, places);
}

/** On a system without the stand-in a desktop VS Code is downloaded when there is none. */
async function desktopProgram() {
  const hasDisplay = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const found = hasDisplay ? findProgram(...usualPlaces()) : undefined;
  if (found || canStandIn) return found;
  doing('VS Code', 'downloading');
  const { downloadAndUnzipVSCode, resolveCliPathFromVSCodeExecutablePath } =
    await import('@vscode/test-electron');
  const executable = await downloadAndUnzipVSCode({ cachePath: cache('vscode-desktop') });
  return resolveCliPathFromVSCodeExecutablePath(executable);
}

function usualPlaces() {
  const inApplication = 'Visual Studio Code.app/Contents/Resources/app/bin/code';
  const { HOME = '/', LOCALAPPDATA = 'C:\\' } = process.env;
  return [
    'code',
    path.join('/Applications', inApplication),
    path.join(HOME, 'Applications', inApplication),
    '/usr/share/code/bin/code',
    '/snap/bin/code',
    path.join(LOCALAPPDATA, 'Programs/Microsoft VS Code/bin/code.cmd'),
  ];
}

function openDesktop(children, program, { workspace, userDataDir }) {
  const options = [`--extensionDevelopmentPath=${root}`, `--user-data-dir=${userDataDir}`];
  const args = [...options, '--new-window', '--wait', workspace];
  done('VS Code', program);
  if (!program.endsWith('.cmd')) return children.start(program, args);
  // Windows starts .cmd files by its shell alone, which splits at spaces.
  const quoted = [program, ...args].map((word) => `"${word}"`);
  return children.start(quoted[0], quoted.slice(1), { shell: true });
}

async function openInBrowser(children, { workspace, userDataDir }) {
  await setupVscode();
  const extensionsDir = path.join(path.dirname(userDataDir), 'extensions');
  await installExtension({ extensionsDir, userDataDir });
  const password = randomBytes(9).toString('base64url');
  const port = await freePort(8080);
  const config = path.join(userDataDir, 'code-server.yaml'); // else it writes one into the home folder
  mkdirSync(userDataDir, { recursive: true });
  writeFileSync(config, '');
  const args = [
    ...[
      vscodeServer.codeServer,
      '--config',
      config,
      '--auth',
      'password',
      '--bind-addr',
      `127.0.0.1:${port}`,
    ],
    ...['--user-data-dir', userDataDir, '--extensions-dir', extensionsDir],
    ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust', workspace],
  ];
  const env = { ...withoutOuterVscode(), PASSWORD: password, EXTENSIONS_GALLERY: '{}' };
  const child = children.start(vscodeServer.node, args, { env, stdio: 'ignore' });
  await untilAnswers(`http://127.0.0.1:${port}/healthz`, child);
  done('VS Code', `in your browser: http://127.0.0.1:${port}/  password: ${password}`);
  return child;
}

/** Our own terminal may be one of VS Code's, whose variables would lead the new one back to it. */
function withoutOuterVscode() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^VSCODE_|^PORT$/.test(name)));
}

async function untilAnswers(url, child) {
  while (child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`code-server ended with ${child.exitCode}`);
}
