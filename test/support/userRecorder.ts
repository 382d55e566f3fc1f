import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A front of a registry that passes everything on and notes who asked. */
export interface UserRecorder {
  /** `address:port` */
  readonly host: string;
  /** The user names of the requests that carried one, in their order. */
  readonly users: string[];
  stop(): Promise<void>;
}

/** Starts a front of a plain HTTP registry on 127.0.0.1. */
export async function startUserRecorder(registryHost: string): Promise<UserRecorder> {
  const users: string[] = [];
  const server = createServer((incoming, response) => {
    const user = userOf(incoming.headers.authorization);
    if (user !== undefined) users.push(user);
    passOn(registryHost, incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    users,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function userOf(authorization: string | undefined): string | undefined {
  const encoded = /^Basic (.*)$/.exec(authorization ?? '')?.[1];
  return encoded && Buffer.from(encoded, 'base64').toString('utf8').split(':')[0];
}

/** The host that the client asked for is passed on too: the registry builds its addresses with it. */
function passOn(registryHost: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = incoming;
  const outgoing = request(`http://${registryHost}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
}
