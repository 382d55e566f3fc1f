import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One answer of a script. `body` is sent with its length; `cut` closes the connection, after `body` or at once. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  readonly cut?: boolean;
  /** Leaves the answer open: before its head with `body` absent, after `body` otherwise. */
  readonly hang?: boolean;
  /** Sends the body one byte at a time, each when this resolves, and after it blanks without end. */
  readonly drip?: () => Promise<unknown>;
}

/** A request as it came in. `line` is `METHOD /path?query`. */
export interface SeenRequest {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What answers a request: the next answer of a list, or a function. */
export type Script = readonly ScriptedAnswer[] | ((request: SeenRequest) => ScriptedAnswer);

export interface ScriptedServer {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly seen: readonly SeenRequest[];
  /** The lines of what was seen. */
  readonly lines: () => string[];
  /** Connections accepted so far. */
  readonly connections: () => number;
  stop(): Promise<void>;
}

/** An HTTP server on loopback that answers by script; a request beyond the script gets 599, which no client retries into success. */
export async function startScriptedServer(script: Script, address = '127.0.0.1'): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    void respond(request, response, script, seen);
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `${address}:${port}`,
    seen,
    lines: () => seen.map(({ line }) => line),
    connections: () => connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  script: Script,
  seen: SeenRequest[],
): Promise<void> {
  const body = await buffer(request).catch(() => Buffer.alloc(0));
  const current = { line: `${request.method} ${request.url}`, headers: request.headers, body };
  seen.push(current);
  const answer =
    typeof script === 'function' ? script(current) : (script[seen.length - 1] ?? { status: 599 });
  send(request, response, answer);
}

function send(request: IncomingMessage, response: ServerResponse, answer: ScriptedAnswer): void {
  const { status = 200, headers = {}, body, cut, hang } = answer;
  if (answer.drip) return void drip(response, answer, answer.drip);
  if (body === undefined && cut) return void request.socket.destroy();
  if (body === undefined && hang) return;
  const isOpenEnded = cut || hang;
  const saysLength = !isOpenEnded && !('Content-Length' in headers || 'Transfer-Encoding' in headers);
  const length = saysLength ? { 'Content-Length': Buffer.byteLength(body ?? '') } : {};
  response.writeHead(status, { ...length, ...headers } as Record<string, string | string[]>);
  if (!isOpenEnded) return void response.end(body ?? '');
  response.write(body ?? '', () => {
    if (cut) request.socket.destroy();
  });
}

async function drip(
  response: ServerResponse,
  { status = 200, headers = {}, body = '' }: ScriptedAnswer,
  turn: () => Promise<unknown>,
): Promise<void> {
  response.writeHead(status, headers as Record<string, string | string[]>);
  const bytes = Buffer.from(body);
  for (let at = 0; !response.destroyed; at++) {
    const came = turn();
    response.write(at < bytes.length ? bytes.subarray(at, at + 1) : ' ');
    await came;
  }
}
