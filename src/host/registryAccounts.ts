import * as vscode from 'vscode';
import type { AccountStore, StoredAccount } from '../credentials/credentialStore';
import { commandIds } from './commandIds';

/** The authentication provider's id, as in package.json. */
export const ACCOUNTS_PROVIDER_ID = 'oci-artifacts';

export interface RegistryAccountsOptions {
  readonly store: AccountStore;
  /** Fires when a secret was stored or removed, in this window or another. */
  readonly onDidChangeSecrets: vscode.Event<unknown>;
  /** Called for each host whose accounts changed. */
  readonly onChange: (host: string) => void;
  /** Removes the account and what was chosen with it. */
  readonly remove: (account: StoredAccount) => Promise<void>;
}

/**
 * The accounts that are kept in VS Code's secret storage, for its Accounts menu. A session is one account of one
 * registry; its scope is the registry's host. Its `accessToken` is its own id, which no registry takes: a password or
 * token never leaves the store, whichever extension asks for the session.
 */
export class RegistryAccounts implements vscode.AuthenticationProvider, vscode.Disposable {
  private readonly changes =
    new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>();
  readonly onDidChangeSessions = this.changes.event;

  private readonly subscriptions: readonly vscode.Disposable[];
  private shown: readonly vscode.AuthenticationSession[] = [];

  constructor(private readonly options: RegistryAccountsOptions) {
    const onSecrets = options.onDidChangeSecrets(() => void this.update());
    this.subscriptions = [onSecrets, this.changes];
    void this.update();
  }

  async getSessions(scopes?: readonly string[]): Promise<vscode.AuthenticationSession[]> {
    const hosts = scopes && scopes.length > 0 ? scopes : [undefined];
    const accounts = await Promise.all(hosts.map((host) => this.options.store.accounts(host)));
    return accounts.flat().map(sessionOf);
  }

  /** Runs the sign-in, for the host in `scopes` if there is one. Errors: CancellationError when the user backed out. */
  async createSession(scopes: readonly string[]): Promise<vscode.AuthenticationSession> {
    const [host] = scopes;
    const row = host === undefined ? undefined : { target: { host } };
    const account = await vscode.commands.executeCommand<StoredAccount | undefined>(commandIds.signIn, row, {
      storeIn: 'secretStorage',
    });
    if (!account) throw new vscode.CancellationError();
    return sessionOf(account);
  }

  async removeSession(sessionId: string): Promise<void> {
    const accounts = await this.options.store.accounts();
    const account = accounts.find((candidate) => idOf(candidate) === sessionId);
    if (account) await this.options.remove(account);
    await this.update();
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private async update(): Promise<void> {
    const before = this.shown;
    const now = await this.getSessions().catch(() => before);
    this.shown = now;
    const added = now.filter(({ id }) => !before.some((session) => session.id === id));
    const removed = before.filter(({ id }) => !now.some((session) => session.id === id));
    if (added.length + removed.length === 0) return;
    for (const host of new Set([...added, ...removed].flatMap(({ scopes }) => scopes))) {
      this.options.onChange(host);
    }
    this.changes.fire({ added, removed, changed: [] });
  }
}

function sessionOf(account: StoredAccount): vscode.AuthenticationSession {
  const id = idOf(account);
  const { host, name } = account;
  return { id, accessToken: id, account: { id, label: `${name} on ${host}` }, scopes: [host] };
}

function idOf({ host, name }: StoredAccount): string {
  return `${host}/${name}`;
}
