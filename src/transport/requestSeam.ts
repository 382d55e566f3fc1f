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
    if (connection) sent.once('response', (answer) => noteProxy(connection, sent, answer));
    return sent;
  },
};

/**
 * A proxy that refuses a tunnel answers in the clear, and VS Code's agent passes that on as the host's own answer. With
 * plain HTTP its agent puts the password of the proxy on the request itself.
 */
function noteProxy(connection: Connection, sent: ClientRequest, answer: IncomingMessage): void {
  const isSecure = sent.protocol === 'https:';
  if (isSecure && !(answer.socket as Partial<TLSSocket>).encrypted)
    connection.proxyStatus = answer.statusCode;
  const authorization = sent.getHeader('proxy-authorization');
  if (typeof authorization === 'string') connection.proxyAuthorization = authorization;
}
