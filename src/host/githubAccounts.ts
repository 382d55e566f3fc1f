import * as vscode from 'vscode';
import { CredentialStoreError } from '../oci/errors';
import type { LimitedCalls } from '../oci/limitedCalls';
import type { WaitOptions } from '../oci/target';
import { untilAborted } from '../oci/untilAborted';
import { signInCalls } from './silentService';

const USE = 'github.use';

/** VS Code's own GitHub sign-in. */
export class GithubAccounts {
  /** Set when this VS Code turned out to have no GitHub sign-in: each silent look would cost seconds. */
  private isMissing = false;
  private readonly calls: LimitedCalls;

  /** `limitMs` is how long a silent look may take. */
  constructor(
    private readonly state: Pick<vscode.Memento, 'get' | 'update'>,
    limits: { readonly limitMs?: number } = {},
  ) {
    this.calls = signInCalls("VS Code's GitHub sign-in", limits);
  }

  /** True when the user signed in with it, as opposed to some other way. */
  get isChosen(): boolean {
    return this.state.get(USE) === 'chosen';
  }

  /** Whether the account is used from now on. VS Code keeps it either way. */
  async use(isUsed: boolean): Promise<void> {
    await this.state.update(USE, isUsed ? 'chosen' : 'off');
  }

  /**
   * A session, silently or by asking; undefined when there is none or the user backed out. Errors: CredentialStoreError
   * for a silent look that is not answered.
   */
  async session(
    scopes: readonly string[],
    { ask, signal }: WaitOptions & { readonly ask: boolean },
  ): Promise<{ account: string; token: string } | undefined> {
    signal?.throwIfAborted();
    const wait = signal ? { signal } : {};
    const session = ask ? await untilAborted(this.asked(scopes), signal) : await this.silent(scopes, wait);
    return session && { account: session.account.label, token: session.accessToken };
  }

  private async silent(
    scopes: readonly string[],
    wait: WaitOptions,
  ): Promise<vscode.AuthenticationSession | undefined> {
    if (this.isMissing || this.state.get(USE) === 'off') return undefined;
    try {
      const look = () => vscode.authentication.getSession('github', scopes, { silent: true });
      return await this.calls.run('session', look, wait);
    } catch (error) {
      wait.signal?.throwIfAborted();
      if (error instanceof CredentialStoreError) throw error;
      this.isMissing = true;
      return undefined;
    }
  }

  private async asked(scopes: readonly string[]): Promise<vscode.AuthenticationSession | undefined> {
    try {
      const session = await vscode.authentication.getSession('github', scopes, { createIfNone: true });
      this.isMissing = false;
      return session;
    } catch (error) {
      // Backing out of a dialog is told as an error whose text is for people.
      if (error instanceof Error && /cancel|did not consent/i.test(`${error.name} ${error.message}`))
        return undefined;
      throw error;
    }
  }
}
