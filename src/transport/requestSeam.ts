import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import { Connection } from './connections';

/**
 * Stands in for `node:http` and `node:https` inside node-fetch (see esbuild.mjs): puts the options of the connection on
 * the request itself and leaves the agent out. VS Code's extension host drops most of what only an agent has, and with
 * `http.proxySupport: on` an agent keeps requests from the proxy.
 */
export default {
  request(url: string | URL, { agent, ...options }: RequestOptions): ClientRequest {
    const connection = agent instanceof Connection ? agent : undefined;
    const target = new URL(url);
    const isSecure = target.protocol === 'https:';
    // Looked up at each call: the extension host patches the modules.
    const { request } = isSecure ? https : http;
    const sent = request(target, { ...options, ...connection?.options });
    if (connection) {
      sent.once('response', (answer) => {
        if (isSecure) noteProxyAnswer(connection, answer);
        noteProxySignIn(connection, sent);
      });
    }
    return sent;
  },
};

/** A proxy that refuses a tunnel answers in the clear, and VS Code's agent passes that on as the host's own answer. */
function noteProxyAnswer(connection: Connection, { socket, statusCode }: IncomingMessage): void {
  if (!(socket as Partial<TLSSocket>).encrypted) connection.proxyStatus = statusCode;
}

/** With plain HTTP, VS Code's agent puts the password of the proxy on the request itself. */
function noteProxySignIn(connection: Connection, sent: ClientRequest): void {
  const authorization = sent.getHeader('proxy-authorization');
  if (typeof authorization === 'string') connection.proxyAuthorization = authorization;
}
