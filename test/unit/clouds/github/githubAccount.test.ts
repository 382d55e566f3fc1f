import assert from 'node:assert/strict';
import { GithubCredentialSource } from '../../../../src/clouds/github/githubCredentialSource';
import type { GithubSessions } from '../../../../src/clouds/github/githubSessions';
import { GithubSignIn } from '../../../../src/clouds/github/githubSignIn';
import { CredentialChain } from '../../../../src/credentials/credentialChain';

const session = { account: 'octocat', token: 'gho_marked' };
const credential = { kind: 'basic', username: 'octocat', password: 'gho_marked' };

describe('the GitHub account of VS Code', () => {
  const asked: string[] = [];
  beforeEach(() => (asked.length = 0));
  const sessions: GithubSessions = async (scopes, { ask }) => {
    asked.push(`${ask ? 'ask' : 'silent'} ${scopes.join(' ')}`);
    return session;
  };
  const use = async (isUsed: boolean) => void asked.push(isUsed ? 'use' : 'stop');
  const none: GithubSessions = async (scopes, { ask }) => {
    asked.push(`${ask ? 'ask' : 'silent'} ${scopes.join(' ')}`);
    return undefined;
  };

  it('signs in to ghcr.io silently, with the right to read and write packages', async () => {
    const chain = new CredentialChain([new GithubCredentialSource(sessions)]);
    assert.deepEqual(await chain.credentialFor('ghcr.io', { repository: 'octocat/app' }), credential);
    assert.deepEqual(asked, ['silent read:packages write:packages']);
  });

  it('comes before any other sign-in once it was chosen, for ghcr.io alone', () => {
    const source = new GithubCredentialSource(sessions, () => true);
    assert.ok(source.isChosen('ghcr.io') && !source.isChosen('docker.io'));
    assert.ok(!new GithubCredentialSource(sessions).isChosen('ghcr.io'));
  });

  it('is never looked at for another host', async () => {
    const source = new GithubCredentialSource(sessions);
    for (const host of ['docker.io', 'ghcr.io.evil.test', 'ghcr.io:444', 'containers.corp.ghe.com']) {
      assert.equal(await source.get(host), undefined, host);
    }
    assert.deepEqual(asked, []);
  });

  it('asks for the right to delete only when something is deleted, and never who does not use it', async () => {
    const deletes = true as const;
    await new GithubCredentialSource(sessions).get('ghcr.io', { deletes });
    assert.equal(asked.at(-1), 'ask read:packages write:packages delete:packages');
    asked.length = 0;
    assert.equal(await new GithubCredentialSource(none).get('ghcr.io', { deletes }), undefined);
    assert.deepEqual(asked, ['silent read:packages write:packages']);
  });

  it('asks when chosen as a way to sign in, has the registry check it, and says where it is kept', async () => {
    const verified: unknown[] = [];
    const verify = async (...args: unknown[]) => void verified.push(args.slice(0, 2));
    const way = new GithubSignIn({ sessions, verify, use });
    assert.ok(way.matches('ghcr.io') && !way.matches('docker.io'));
    assert.equal(await way.signIn('ghcr.io'), "VS Code's GitHub account octocat");
    assert.deepEqual(asked, ['ask read:packages write:packages', 'use']);
    assert.deepEqual(verified, [['ghcr.io', credential]]);
  });

  it('is named as a sign-in that is in force without asking, and is given up on sign-out', async () => {
    const verify = () => Promise.reject(new Error('not to be called'));
    const way = new GithubSignIn({ sessions, verify, use });
    assert.equal(await way.signedInBy('ghcr.io'), "VS Code's GitHub account octocat");
    assert.equal(await way.signedInBy('docker.io'), undefined);
    await way.signOut();
    assert.deepEqual(asked, ['silent read:packages write:packages', 'stop']);
  });

  it('resolves with nothing for who backs out', async () => {
    const verify = () => Promise.reject(new Error('not to be called'));
    assert.equal(await new GithubSignIn({ sessions: none, verify, use }).signIn('ghcr.io'), undefined);
  });
});
