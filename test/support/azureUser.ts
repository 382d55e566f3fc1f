import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { azure, type Azure } from '../../src/clouds/azure/azure';
import type { MicrosoftSession, SessionRequest } from '../../src/clouds/azure/microsoftSessions';
import { CredentialChain } from '../../src/credentials/credentialChain';
import { DockerConfigStore } from '../../src/credentials/dockerConfigStore';
import type { SignInWay } from '../../src/credentials/signInWay';
import type { CredentialProvider } from '../../src/oci/credential';
import { azureAcr } from '../../src/targets/registry/providers/azureAcr';
import { Registry } from '../../src/targets/registry/registry';
import type { Clock } from '../../src/transport/clock';
import { createTransport } from '../../src/transport/createTransport';
import type { AcrStandIn } from './acrStandIn';
import { microsoftToken, type Audience } from './acrTokens';
import { makeAzureCli, type AzureCliStandIn } from './azureCliStandIn';

/** A person at one machine: windows come and go, what VS Code keeps stays. */
export interface AzureUser {
  readonly azure: Azure;
  readonly microsoft: SignInWay;
  readonly cliWay: SignInWay;
  readonly cli: AzureCliStandIn;
  readonly kept: ReadonlyMap<string, unknown>;
  /** What VS Code was asked for. */
  readonly sessions: SessionRequest[];
  readonly questions: { readonly home?: string; readonly tenants: readonly object[] }[];
  readonly answers: { tenant: string | undefined; hasSession: boolean };
  registry(credentials?: CredentialProvider): Registry;
  newWindow(): Pick<AzureUser, 'azure' | 'registry'>;
  /** Writes what `az acr login` writes. */
  leaveLogin(token: string): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A person whose VS Code and Azure CLI are stand-ins: VS Code's sign-in is the function that src/wiring would pass in.
 */
export async function newAzureUser(
  acr: AcrStandIn,
  { ca, clock }: { readonly ca: string; readonly clock: Clock },
): Promise<AzureUser> {
  const cli = await makeAzureCli();
  const home = await mkdtemp(path.join(tmpdir(), 'azure-user-'));
  const kept = new Map<string, unknown>();
  const sessions: SessionRequest[] = [];
  const questions: AzureUser['questions'] = [];
  const answers: AzureUser['answers'] = { tenant: acr.state.tenant, hasSession: true };
  const environment = {
    variables: { PATH: `${cli.folder}:/usr/bin:/bin`, DOCKER_CONFIG: home },
    homeFolder: home,
    platform: process.platform,
  };
  const transportWith = (credentials: CredentialProvider) =>
    createTransport({
      credentials,
      endpointFor: async (host) => ({ host, plainHttp: false, insecure: false, ca }),
      log: () => undefined,
      userAgent: 'oci-artifacts-test',
      clock,
    });
  const registryWith = (credentials: CredentialProvider) =>
    new Registry(acr.host, transportWith(credentials), { provider: azureAcr });
  const newWindow = () => {
    const own = azure({
      kindOf: () => 'azureAcr',
      keep: { get: (key) => kept.get(key), update: async (key, value) => void kept.set(key, value) },
      environment,
      openSession: async (request) => {
        sessions.push(request);
        return answers.hasSession ? sessionOf(acr, request) : undefined;
      },
      askTenant: async (question) => {
        questions.push(question);
        return answers.tenant;
      },
      transport: transportWith({ credentialFor: async () => undefined }),
      ping: (_host, credential) => registryWith({ credentialFor: async () => credential }).ping(),
      clock,
      cloudOf: () => ({ provider: 'microsoft', managementHost: acr.host }),
    });
    const sources = [new DockerConfigStore({ environment }), own.credentials];
    const provider = new CredentialChain(sources, {}, () => clock.now());
    return { azure: own, registry: (credentials = provider) => registryWith(credentials) };
  };
  const window = newWindow();
  const [microsoft, cliWay] = window.azure.ways;
  if (!microsoft || !cliWay) throw new Error('A way to sign in is missing');
  const leaveLogin = async (token: string) => {
    const auth = Buffer.from('00000000-0000-0000-0000-000000000000:').toString('base64');
    const config = { auths: { [acr.host]: { auth, identitytoken: token } } };
    await writeFile(path.join(home, 'config.json'), JSON.stringify(config));
  };
  const remove = async () => {
    await cli.remove();
    await rm(home, { recursive: true, force: true });
  };
  return {
    ...window,
    microsoft,
    cliWay,
    cli,
    kept,
    sessions,
    questions,
    answers,
    newWindow,
    leaveLogin,
    remove,
  };
}

/** VS Code's session, in the tenant and for the resource that its scopes name. */
function sessionOf(acr: AcrStandIn, { scopes }: SessionRequest): MicrosoftSession {
  const tenant = scopes.find((scope) => scope.startsWith('VSCODE_TENANT:'))?.slice('VSCODE_TENANT:'.length);
  const audience: Audience = scopes.some((scope) => scope.includes('containerregistry'))
    ? 'registry'
    : 'management';
  const accessToken = microsoftToken(acr.state, tenant ?? acr.state.tenant, audience);
  return { accessToken, account: { id: 'id-1', label: 'user@contoso.com' } };
}
