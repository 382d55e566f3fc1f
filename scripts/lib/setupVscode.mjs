// A real VS Code without a desktop: the server that npm's code-server carries, on the Node that npm's node-linux-* carries.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npm, run } from './command.mjs';
import { cache } from './places.mjs';
import { doing, done, note, since } from './say.mjs';
import { isStamped, stampAfter } from './stamp.mjs';

const nodePackage = `node-linux-${process.arch}`;
const versions = { [nodePackage]: '24.21.0', 'code-server': '4.139.1' };
const specs = Object.entries(versions).map(([name, version]) => `${name}@${version}`);

const home = cache('vscode-host');
const nodeFolder = path.join(home, 'node_modules', nodePackage);
const codeServer = path.join(home, 'node_modules/code-server');
const vscode = path.join(codeServer, 'lib/vscode');

/** The programs of the installed VS Code server: its Node, the bare server, and code-server's own program. */
export const vscodeServer = {
  node: path.join(nodeFolder, 'bin/node'),
  server: path.join(vscode, 'out/server-main.js'),
  codeServer: path.join(codeServer, 'out/node/entry.js'),
};

/** Whether this machine can run the stand-in; elsewhere a desktop VS Code takes its place. */
export const canStandIn = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

/** Installs the VS Code server into .cache/vscode-host, once for each pair of versions. */
export async function setupVscode() {
  if (!canStandIn || isStamped('vscode-host', specs.join(' '), vscodeServer.server)) return;
  const started = Date.now();
  doing('VS Code', specs.join(', '));
  await stampAfter('vscode-host', specs.join(' '), install);
  done('VS Code', since(started));
}

async function install() {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'package.json'), '{ "private": true }\n');
  // Their own install scripts compile much that an extension never touches.
  await npm(['install', '--save-exact', '--ignore-scripts', ...specs], { cwd: home });
  await onOwnNode(['install', '--omit=dev', '--ignore-scripts']);
  await buildNatives();
  prune();
  await run(vscodeServer.node, [vscodeServer.server, '--version']);
}

/** Without these VS Code works too, but fills its log with errors. */
async function buildNatives() {
  try {
    await onOwnNode(['rebuild', '@vscode/spdlog', '@vscode/native-watchdog']);
  } catch {
    note('VS Code goes without two native modules: building them needs python3, make and g++');
  }
}

/** npm inside the VS Code server's folder, on its Node and with that Node's headers. */
function onOwnNode(args) {
  const PATH = [path.dirname(vscodeServer.node), process.env.PATH].join(path.delimiter);
  return run('npm', args, { cwd: vscode, env: { PATH, npm_config_nodedir: nodeFolder } });
}

/** The chat parts are switched off in every run and are a third of the size. */
function prune() {
  const agents = path.join(vscode, 'node_modules/@github');
  const binaries = existsSync(agents) ? readdirSync(agents).filter((name) => name.includes('-linux')) : [];
  for (const unused of [
    path.join(vscode, 'extensions/copilot'),
    ...binaries.map((name) => path.join(agents, name)),
  ])
    rmSync(unused, { recursive: true, force: true });
}
