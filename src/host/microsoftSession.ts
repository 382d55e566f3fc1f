import * as vscode from 'vscode';
import { CredentialStoreError, messageOf } from '../oci/errors';

/** Which session is wanted; `scopes` may name a tenant as `VSCODE_TENANT:<id>`. */
export interface MicrosoftSessionRequest {
  readonly provider: string;
  readonly scopes: readonly string[];
  readonly account?: vscode.AuthenticationSessionAccountInformation;
  readonly silent: boolean;
}

const SOVEREIGN = 'microsoft-sovereign-cloud';
const BACKED_OUT = /did not consent|cancell?ed/i;

/**
 * A session of VS Code's Microsoft sign-in; VS Code asks which account unless one is named. Undefined when there is
 * none, or the user backed out. Errors: CredentialStoreError. Source: VS Code, `authentication.getSession`.
 */
export async function openMicrosoftSession({
  provider,
  scopes,
  account,
  silent,
}: MicrosoftSessionRequest): Promise<vscode.AuthenticationSession | undefined> {
  const interaction = silent ? { silent } : { createIfNone: true, clearSessionPreference: !account };
  const options = { ...interaction, ...(account && { account }) };
  try {
    return await vscode.authentication.getSession(provider, scopes, options);
  } catch (error) {
    if (BACKED_OUT.test(messageOf(error))) return undefined;
    throw new CredentialStoreError("VS Code's Microsoft sign-in", reasonOf(provider, error), {
      cause: error,
    });
  }
}

function reasonOf(provider: string, error: unknown): string {
  const said = messageOf(error).replace(/\.$/, '');
  if (provider !== SOVEREIGN) return said;
  return `${said}; for registries in China and of the US government, set "${SOVEREIGN}.environment" first`;
}
