import type { ClientRequest, IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';

const TLS_OPTIONS = ['ca', 'cert', 'key', 'rejectUnauthorized'] as const;

/**
 * Stands in for `node:https` inside node-fetch (see esbuild.mjs): copies the TLS settings of the agent to the request.
 * VS Code's extension host replaces the agent of each request, and settings that only the agent has are lost with it.
 */
export default {
  request(
    url: string | URL,
    options: RequestOptions,
    callback?: (response: IncomingMessage) => void,
  ): ClientRequest {
    // Looked up at each call: the extension host patches the module.
    return https.request(url, { ...options, ...tlsOf(options.agent) }, callback);
  },
};

function tlsOf(agent: RequestOptions['agent']): RequestOptions {
  if (!(agent instanceof https.Agent)) return {};
  const { options } = agent;
  return Object.fromEntries(
    TLS_OPTIONS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}
