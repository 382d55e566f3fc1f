import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Canary } from '../../support/canary';

describe('the search for marked secrets', () => {
  const canary = new Canary();
  const secret = canary.secret('password');

  for (const [form, text] of [
    ['as it is', `before ${secret} behind`],
    ['in JSON', JSON.stringify({ secret })],
    ['in a URL', encodeURIComponent(secret)],
    ['in a form', new URLSearchParams({ secret }).toString()],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 behind one letter', Buffer.from(`a${secret}`).toString('base64')],
    ['in base64 behind two letters', Buffer.from(`ab${secret}`).toString('base64url')],
    ['in base64 behind a user name', Buffer.from(`tester:${secret}`).toString('base64')],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['in UTF-16', Buffer.from(secret, 'utf16le')],
    ['cut short', secret.slice(0, 24)],
  ] as const) {
    it(`finds one ${form}`, () => {
      assert.equal(canary.sightings('a text', text).length, 1);
    });
  }

  it('finds nothing in other texts', () => {
    assert.deepEqual(canary.sightings('a text', 'tester:s3cret:battery'), []);
    assert.deepEqual(canary.sightings('a text', new Canary().secret('password')), []);
  });

  it('looks into every file below a folder, but for those left out', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'oci-canary-'));
    try {
      for (const name of ['clean', 'dirty', 'kept']) {
        await writeFile(path.join(folder, name), name === 'clean' ? 'nothing' : secret);
      }
      const { files, found } = await canary.sightingsBelow(folder, [path.join(folder, 'kept')]);
      assert.equal(files, 2);
      assert.deepEqual(
        found.map(({ where }) => path.basename(where)),
        ['dirty'],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
