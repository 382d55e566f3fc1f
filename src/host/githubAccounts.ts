import * as vscode from 'vscode';
import type { WaitOptions } from '../oci/target';

const USE = 'github.use';

/** VS Code's own GitHub sign-in. */
export class GithubAccounts {
  /** Set when this VS Code turned out to have no GitHub sign-in: each silent look would cost seconds. */
  private isMissing = false;

  constructor(private readonly state: vscode.Memento) {}

  /** True when the user signed in with it, as opposed to some other way. */
  get isChosen(): boolean {
    return this.state.get(USE) === 'chosen';
  }

  /** Whether the account is used from now on. VS Code keeps it either way. */
  async use(isUsed: boolean): Promise<void> {
    await this.state.update(USE, isUsed ? 'chosen' : 'off');
  }

  /** A session, silently or by asking; undefined when there is none or the user backed out. */
  async session(
    scopes: readonly string[],
    { ask, signal }: WaitOptions & { readonly ask: boolean },
  ): Promise<{ account: string; token: string } | undefined> {
    signal?.throwIfAborted();
    const session = ask ? await this.asked(scopes) : await this.silent(scopes);
    signal?.throwIfAborted();
    return session && { account: session.account.label, token: session.accessToken };
  }

  private async silent(scopes: readonly string[]): Promise<vscode.AuthenticationSession | undefined> {
    if (this.isMissing || this.state.get(USE) === 'off') return undefined;
    try {
      return await vscode.authentication.getSession('github', scopes, { silent: true });
    } catch {
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
