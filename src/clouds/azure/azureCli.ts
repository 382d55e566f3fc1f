import type { CredentialEnvironment } from '../../credentials/credentialEnvironment';
import { helperFolders } from '../../credentials/helperPath';
import { runHelper, type HelperOutcome } from '../../credentials/helperProcess';
import { CredentialStoreError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { findAzureCli } from './azureCliProgram';

/** It is a Python program that asks Azure twice. */
const CLI_TIME_LIMIT_MS = 60_000;
const TOKEN_AS_JSON = ['--expose-token', '--output', 'json', '--only-show-errors'];

export interface AzureCliOptions {
  readonly environment: CredentialEnvironment;
  readonly timeLimitMs?: number;
}

/** What the CLI said to a request for a registry's token. */
export type CliAnswer =
  | { readonly kind: 'token'; readonly token: string }
  /** `reason` is the end of a sentence. */
  | { readonly kind: 'none'; readonly reason: string };

const MISSING = 'it is not installed (looked for az in PATH and the usual folders)';

/**
 * Asks the Azure CLI for a registry's refresh token, by `az acr login --expose-token`: without a shell, with a time
 * limit, no secret in its arguments. Errors: CredentialStoreError when it runs and cannot be understood.
 * Source: Azure CLI, `az acr login`.
 */
export class AzureCli {
  readonly label = 'Azure CLI';

  constructor(private readonly options: AzureCliOptions) {}

  async registryToken(host: string, options?: WaitOptions): Promise<CliAnswer> {
    const { environment, timeLimitMs = CLI_TIME_LIMIT_MS } = this.options;
    const found = await findAzureCli(environment);
    if (!found) return { kind: 'none', reason: MISSING };
    const delimiter = environment.platform === 'win32' ? ';' : ':';
    const variables = { ...environment.variables, PATH: helperFolders(environment).join(delimiter) };
    const args = [...found.args, 'acr', 'login', '--name', registryName(host), ...TOKEN_AS_JSON];
    const call = { program: found.program, args, input: '', variables, timeLimitMs };
    return this.understand(await runHelper(call, options), host);
  }

  private understand(outcome: HelperOutcome, host: string): CliAnswer {
    if ('problem' in outcome)
      throw new CredentialStoreError(this.label, `"az acr login": ${outcome.problem}`);
    if (outcome.exitCode !== 0) {
      const reason = `"az acr login --name ${registryName(host)}" ended with exit code ${outcome.exitCode}; "az login" may help`;
      return { kind: 'none', reason };
    }
    const { loginServer, refreshToken, accessToken } = fieldsOf(outcome.output);
    const token = refreshToken ?? accessToken;
    if (typeof token !== 'string' || token === '' || typeof loginServer !== 'string') {
      throw new CredentialStoreError(
        this.label,
        '"az acr login" answered without a token and a login server',
      );
    }
    // A registry of that name elsewhere: its token is none of this host's business.
    if (loginServer.toLowerCase() !== host.toLowerCase()) {
      return { kind: 'none', reason: `it signs in to ${loginServer}, which is not ${host}` };
    }
    return { kind: 'token', token };
  }
}

/** The name of a registry: letters and digits before the domain label (`name-label.azurecr.io`). */
function registryName(host: string): string {
  return /^[A-Za-z0-9]*/.exec(host)?.[0] ?? '';
}

/** V8's message would quote the text, which holds a secret. */
function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
