import assert from 'node:assert/strict';
import { CredentialChain } from '../../../src/credentials/credentialChain';
import type { SignInWay } from '../../../src/credentials/signInWay';
import { SignIns } from '../../../src/host/signIns';

describe('sign-ins by ways of their own', () => {
  const hosts = new Set(['signed.in']);
  const way: SignInWay = {
    label: 'a way',
    detail: '',
    icon: 'key',
    matches: () => true,
    signIn: async () => undefined,
    signedInBy: async (host) => (hosts.has(host) ? 'an account' : undefined),
    signOut: async (host) => void hosts.delete(host),
  };
  const forgotten: string[] = [];
  const signIns = new SignIns({
    credentials: new CredentialChain([]),
    ways: [way, { ...way, matches: () => false }],
    ping: async () => ({ access: 'open' }),
    forget: (host) => forgotten.push(host),
  });

  it('are named, and ended, once', async () => {
    assert.deepEqual(await signIns.holders('signed.in'), ['an account']);
    assert.deepEqual(await signIns.remove('signed.in'), ['an account']);
    assert.deepEqual(await signIns.remove('signed.in'), []);
    assert.deepEqual(forgotten, ['signed.in', 'signed.in']);
  });
});
