import type { CredentialSource } from '../../credentials/credentialStore';
import type { Credential, CredentialQuery } from '../../oci/credential';
import { DELETE_SCOPES, isGithubRegistry, PACKAGE_SCOPES, type GithubSessions } from './githubSessions';

/**
 * The GitHub account of VS Code as a sign-in to ghcr.io: its login and token as user name and password, which GitHub
 * documents for tokens. It answers once the user let this extension use the account. For deleting it may ask the user
 * for the right to.
 */
export class GithubCredentialSource implements CredentialSource {
  readonly id = 'github';
  readonly label = 'GitHub account';

  /** `isInUse` says whether the user signed in with the account. */
  constructor(
    private readonly sessions: GithubSessions,
    private readonly isInUse: () => boolean = () => false,
  ) {}

  isChosen(host: string): boolean {
    return isGithubRegistry(host) && this.isInUse();
  }

  async get(host: string, query: CredentialQuery = {}): Promise<Credential | undefined> {
    if (!isGithubRegistry(host)) return undefined;
    const session = await this.sessionFor(query);
    return session && { kind: 'basic', username: session.account, password: session.token };
  }

  /** Nobody is asked for the right to delete who did not choose to sign in by this account. */
  private async sessionFor({ signal, deletes }: CredentialQuery) {
    const wait = signal ? { signal } : {};
    const session = await this.sessions(PACKAGE_SCOPES, { ...wait, ask: false });
    return session && deletes ? this.sessions(DELETE_SCOPES, { ...wait, ask: true }) : session;
  }
}
