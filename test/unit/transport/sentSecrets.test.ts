import assert from 'node:assert/strict';
import type { Outgoing } from '../../../src/transport/outgoing';
import { SentSecrets } from '../../../src/transport/sentSecrets';

const secret = 'p&ss <w"rd>/+ ü';

function request(part: Partial<Outgoing>): Outgoing {
  const url = new URL('https://registry.example/v2/');
  const endpoint = { host: url.host, plainHttp: false, insecure: false };
  return { method: 'GET', url, origin: url, endpoint, headers: {}, scopes: [], ...part };
}

function scrubber(...parts: readonly Partial<Outgoing>[]): SentSecrets {
  const sent = new SentSecrets();
  for (const part of parts) sent.noteAll(request(part));
  return sent;
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('Secrets that were sent', () => {
  for (const [form, written] of [
    ['as it is', secret],
    ['as JSON', JSON.stringify(secret)],
    ['as JSON within JSON', JSON.stringify({ said: JSON.stringify({ secret }) })],
    [
      'as JSON from Go',
      JSON.stringify(secret).replace('&', '\\u0026').replace('<', '\\u003c').replace('>', '\\u003e'),
    ],
    ['in a URL', encodeURIComponent(secret)],
    ['in a form', new URLSearchParams({ key: secret }).toString()],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
    ['with the user name, in base64', basic(`tester:${secret}`)],
  ] as const) {
    it(`are taken out of a text ${form}`, () => {
      const sent = scrubber({ headers: { Authorization: basic(`tester:${secret}`) } });
      const scrubbed = sent.scrub(`before ${written} behind`);
      assert.match(scrubbed, /^before .*\(secret\).* behind$/);
      assert.ok(!scrubbed.includes('ss'));
    });
  }

  it('are bearer tokens, what a body holds, and the signature of a URL', () => {
    const sent = scrubber(
      { headers: { authorization: 'Bearer tokentoken' } },
      { secrets: ['refresh-token'] },
      { url: new URL('https://store.example/blob?digest=sha256:00&X-Amz-Signature=5ign4ture') },
    );
    assert.equal(
      sent.scrub('tokentoken refresh-token 5ign4ture sha256:00'),
      '(secret) (secret) (secret) sha256:00',
    );
  });

  it('are the headers of the user, unless they are mere words', () => {
    const endpoint = { host: 'r', plainHttp: false, insecure: false };
    const sent = scrubber({
      endpoint: { ...endpoint, headers: { 'X-Key': 'key-of-mine', 'X-Stage': 'test' } },
    });
    assert.equal(sent.scrub('key-of-mine in test'), '(secret) in test');
  });

  it('take a longer secret before a shorter one within it', () => {
    assert.equal(scrubber({ secrets: ['abcd'] }, { secrets: ['abcdefgh'] }).scrub('abcdefgh'), '(secret)');
  });

  it('leave alone what is too short to be one', () => {
    assert.equal(scrubber({ secrets: ['a', ''] }).scrub('a sentence'), 'a sentence');
  });

  it('are forgotten, the oldest first, when there are many', () => {
    const sent = scrubber(...Array.from({ length: 301 }, (_, at) => ({ secrets: [`secret-${at}-`] })));
    assert.equal(sent.scrub('secret-0- secret-300-'), 'secret-0- (secret)');
  });
});
