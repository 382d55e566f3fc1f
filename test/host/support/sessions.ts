import * as vscode from 'vscode';

/** A session that VS Code's own sign-in would give for scopes; undefined where nobody is signed in. */
export type SessionAnswer = (
  scopes: readonly string[],
) => { readonly account: string; readonly token: string } | undefined;

/**
 * Answers in place of VS Code's GitHub and Microsoft sign-ins, which open a browser, until the function it gives is
 * called. `answers` are by the provider's id; others get nothing.
 */
export function answerSessions(answers: Readonly<Record<string, SessionAnswer>>): () => void {
  const authentication = vscode.authentication as { getSession: unknown };
  const original = authentication.getSession;
  authentication.getSession = async (provider: string, scopes: readonly string[]) => {
    const session = answers[provider]?.(scopes);
    if (!session) return undefined;
    const { account: label, token: accessToken } = session;
    return { id: 'session-1', account: { id: 'id-1', label }, accessToken, scopes };
  };
  return () => {
    authentication.getSession = original;
  };
}
