import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { GithubAccounts } from '../../src/host/githubAccounts';
import { openMicrosoftSession } from '../../src/host/microsoftSession';
import { CredentialStoreError } from '../../src/oci/errors';
import { answering } from './support/dialogs';

const never = () => new Promise<never>(() => undefined);

/** The sign-ins of VS Code, none of which answers as long as `act` runs. */
async function withoutAnswer(act: () => Promise<unknown>): Promise<void> {
  const replaceable = vscode.authentication as unknown as { getSession: unknown };
  const { getSession } = replaceable;
  replaceable.getSession = never;
  try {
    await act();
  } finally {
    replaceable.getSession = getSession;
  }
}

describe("a sign-in of VS Code's that never answers", () => {
  const state = { get: () => undefined, update: async () => undefined } as unknown as vscode.Memento;

  it('fails in time, and is said once', async () => {
    const accounts = new GithubAccounts(state, { limitMs: 50 });
    const shown = await answering({}, () =>
      withoutAnswer(async () => {
        for (let look = 1; look <= 2; look++) {
          await assert.rejects(accounts.session(['read:packages'], { ask: false }), CredentialStoreError);
        }
      }),
    );
    assert.equal(shown.warnings.length, 1);
    assert.match(shown.warnings.join(), /^VS Code's GitHub sign-in does not answer\./);
  });

  for (const silent of [true, false]) {
    it(`ends with Cancel at once, ${silent ? 'in the background' : 'also while it asks'}`, async () => {
      await withoutAnswer(async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const github = new GithubAccounts(state).session(['read:packages'], { ask: !silent, signal });
        const microsoft = openMicrosoftSession({ provider: 'microsoft', scopes: [], silent, signal });
        controller.abort();
        await assert.rejects(github, { name: 'AbortError' });
        await assert.rejects(microsoft, { name: 'AbortError' });
      });
    });
  }
});
