import type { SignInWay } from '../../credentials/signInWay';
import type { Credential } from '../../oci/credential';
import type { WaitOptions } from '../../oci/target';
import { isGithubRegistry, PACKAGE_SCOPES, type GithubSessions } from './githubSessions';

export interface GithubSignInOptions {
  readonly sessions: GithubSessions;
  /** Uses the account from now on, before any other sign-in, or no longer. */
  readonly use: (isUsed: boolean) => Promise<void>;
  /** Asks the registry with this credential alone. Errors: SignInRequiredError, NetworkError. */
  readonly verify: (host: string, credential: Credential, options?: WaitOptions) => Promise<unknown>;
}

/** Signing in to ghcr.io with the GitHub account of VS Code; VS Code asks which, and keeps it. */
export class GithubSignIn implements SignInWay {
  readonly label = 'GitHub account';
  readonly detail = 'With the account that VS Code knows: no token to make or to type';
  readonly icon = 'github';

  constructor(private readonly options: GithubSignInOptions) {}

  matches(host: string): boolean {
    return isGithubRegistry(host);
  }

  async signIn(host: string, options: WaitOptions = {}): Promise<string | undefined> {
    const session = await this.options.sessions(PACKAGE_SCOPES, { ...options, ask: true });
    if (!session) return undefined;
    const { account: username, token: password } = session;
    await this.options.verify(host, { kind: 'basic', username, password }, options);
    await this.options.use(true);
    return placeOf(username);
  }

  async signedInBy(host: string, options: WaitOptions = {}): Promise<string | undefined> {
    if (!this.matches(host)) return undefined;
    const session = await this.options.sessions(PACKAGE_SCOPES, { ...options, ask: false });
    return session && placeOf(session.account);
  }

  async signOut(): Promise<void> {
    await this.options.use(false);
  }
}

function placeOf(account: string): string {
  return `VS Code's GitHub account ${account}`;
}
