// The embedded registry as a child process, filled with the sample artifacts.
import { createInterface } from 'node:readline';
import { runNode } from './command.mjs';
import { at } from './places.mjs';

/** Starts the registry on a folder and resolves with its `host:port`. Port 0 takes any free one. */
export async function startSampleRegistry(children, { folder, port }) {
  const args = [at('out/bin/localRegistry.js'), '--root', folder, '--port', String(port)];
  const child = children.start(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const registry = await firstLine(child);
  await runNode([at('out/bin/seed.js'), registry]);
  return registry;
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The local registry ended with ${code}`)));
    createInterface(child.stdout).once('line', (line) => resolve(addressIn(line)));
  });
}

/** The program prints `{"host":"127.0.0.1","port":5000}` once it listens. */
function addressIn(line) {
  const { host, port } = JSON.parse(line);
  return host.includes(':') ? host : `${host}:${port}`;
}
