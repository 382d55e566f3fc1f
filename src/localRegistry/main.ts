import { parseArgs } from 'node:util';
import { messageOf } from '../oci/errors';
import { startLocalRegistry, type AnsweredRequest, type LocalRegistry } from './localRegistry';

const USAGE =
  'Usage: localRegistry --root <folder> [--port <number>] [--exact-port] [--host <address>] [--host-name <name>]… [--log]';

/**
 * The local registry as a program of its own. It says where it answers in one line of JSON, `{"host","port"}`, and to
 * the parent that forked it; it ends with the parent, or on SIGTERM and SIGINT. `--log` writes a line a request,
 * with `cut` behind the status where the connection ended before the whole answer was sent.
 */
async function main(): Promise<void> {
  const over = ending();
  const registry = await start();
  const place = { host: registry.host, port: registry.port };
  process.stdout.write(`${JSON.stringify(place)}\n`);
  process.send?.(place);
  await over;
  await registry.stop();
  process.exit(0);
}

async function start(): Promise<LocalRegistry> {
  const { values } = parseArgs({
    options: {
      root: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string' },
      'host-name': { type: 'string', multiple: true },
      'exact-port': { type: 'boolean' },
      log: { type: 'boolean' },
    },
  });
  if (!values.root) throw new Error(USAGE);
  return startLocalRegistry({
    root: values.root,
    ...(values.port !== undefined && { port: portNumber(values.port) }),
    ...(values.host !== undefined && { host: values.host }),
    ...(values['host-name'] && { hostNames: values['host-name'] }),
    ...(values['exact-port'] !== undefined && { exactPort: values['exact-port'] }),
    ...(values.log && { onRequest: logRequest }),
  });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`"${text}" is not a port. ${USAGE}`);
}

function logRequest({ method, url, status, isCut, elapsedMs }: AnsweredRequest): void {
  const outcome = `${status ?? '-'}${isCut ? ' cut' : ''}`;
  process.stderr.write(`${method} ${url} ${outcome} ${elapsedMs.toFixed(1)} ms\n`);
}

function ending(): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => resolve());
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
  if (process.connected) process.disconnect();
});
