import type * as vscode from 'vscode';
import { logLine, logRequest } from '../host/log';
import { oneLine } from '../host/plainText';
import type { RateLimits } from '../host/rateLimits';
import type { Settings } from '../host/settings';
import { worded } from '../oci/boundedText';
import type { Credential, CredentialProvider } from '../oci/credential';
import type { WaitOptions } from '../oci/target';
import { Registry } from '../targets/registry/registry';
import { createTransport } from '../transport/createTransport';
import type { Transport } from '../transport/transport';

export type NewTransport = (credentials: CredentialProvider) => Transport;

export interface TransportParts {
  readonly context: vscode.ExtensionContext;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
  readonly rateLimits: RateLimits;
}

/** Makes transports that reach registries as the user's settings say, and log each request. */
export function transportFactory({ context, settings, log, rateLimits }: TransportParts): NewTransport {
  return (credentials) =>
    createTransport({
      credentials,
      endpointFor: (host) => settings.endpointFor(host),
      log: (entry) => logRequest(log, entry),
      onWarning: (host, text) => logLine(log, 'warn', worded`${host} says: ${oneLine(text)}`),
      onCredentialFailure: (host, { message }) =>
        logLine(log, 'warn', `${host} is asked without a sign-in: ${oneLine(message)}`),
      onRateLimit: (host, limit) => logLine(log, 'info', `${host}: ${rateLimits.record(host, limit)}`),
      userAgent: userAgent(context),
    });
}

/** Asks a registry with one credential alone. */
export function pinger(newTransport: NewTransport) {
  return async (host: string, credential: Credential, options?: WaitOptions) => {
    const alone = newTransport(fixedCredential(host, credential));
    return new Registry(host, alone).ping(options ?? {});
  };
}

export type Ping = ReturnType<typeof pinger>;

/** Credentials being tried go to the registry they were typed for, nowhere else. */
function fixedCredential(host: string, credential: Credential): CredentialProvider {
  return { credentialFor: async (asked) => (asked === host ? credential : undefined) };
}

function userAgent(context: vscode.ExtensionContext): string {
  const { version } = context.extension.packageJSON as { version: string };
  return `oci-artifacts-vscode/${version}`;
}
