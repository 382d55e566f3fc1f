import * as vscode from 'vscode';
import { CredentialStoreError, messageOf } from '../oci/errors';
import { untilAborted } from '../oci/untilAborted';
import { signInCalls } from './silentService';

/** Which session is wanted; `scopes` may name a tenant as `VSCODE_TENANT:<id>`. */
export interface MicrosoftSessionRequest {
  readonly provider: string;
  readonly scopes: readonly string[];
  readonly account?: vscode.AuthenticationSessionAccountInformation;
  readonly silent: boolean;
  readonly signal?: AbortSignal;
}

const SOVEREIGN = 'microsoft-sovereign-cloud';
const SERVICE = "VS Code's Microsoft sign-in";
const calls = signInCalls(SERVICE);
const BACKED_OUT = /did not consent|cancell?ed/i;

/**
 * A session of VS Code's Microsoft sign-in; VS Code asks which account unless one is named. Undefined when there is
 * none, or the user backed out. A silent look has a time limit. Errors: CredentialStoreError, the abort reason. Source: VS Code, `authentication.getSession`.
 */
export async function openMicrosoftSession({
  provider,
  scopes,
  account,
  silent,
  signal,
}: MicrosoftSessionRequest): Promise<vscode.AuthenticationSession | undefined> {
  const interaction = silent ? { silent } : { createIfNone: true, clearSessionPreference: !account };
  const options = { ...interaction, ...(account && { account }) };
  try {
    const ask = () => vscode.authentication.getSession(provider, scopes, options);
    if (silent) return await calls.run(provider, ask, signal ? { signal } : {});
    return await untilAborted(Promise.resolve(ask()), signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof CredentialStoreError) throw error;
    if (BACKED_OUT.test(messageOf(error))) return undefined;
    throw new CredentialStoreError(SERVICE, reasonOf(provider, error), {
      cause: error,
    });
  }
}

function reasonOf(provider: string, error: unknown): string {
  const said = messageOf(error).replace(/\.$/, '');
  if (provider !== SOVEREIGN) return said;
  return `${said}; for registries in China and of the US government, set "${SOVEREIGN}.environment" first`;
}
