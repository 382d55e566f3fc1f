import assert from 'node:assert/strict';
import { TokenCache } from '../../../src/transport/auth/tokenCache';
import { TestClock } from '../../support/testClock';

describe('Token cache', () => {
  const setUp = (lifetimeMs = 300_000) => {
    const clock = new TestClock();
    const cache = new TokenCache(clock);
    let count = 0;
    const fetch = async () => ({ text: `token ${++count}`, lifetimeMs });
    return { clock, obtain: (key: string) => cache.obtain(key, fetch), cache, count: () => count };
  };

  it('uses a token again for the same key only', async () => {
    const { obtain } = setUp();
    assert.equal(await obtain('a'), 'token 1');
    assert.equal(await obtain('a'), 'token 1');
    assert.equal(await obtain('b'), 'token 2');
  });

  it('gives a token up before its end', async () => {
    const { obtain, clock } = setUp(300_000);
    await obtain('a');
    clock.advance(269_000);
    assert.equal(await obtain('a'), 'token 1');
    clock.advance(2_000);
    assert.equal(await obtain('a'), 'token 2');
  });

  it('uses a short-lived token for three quarters of its life', async () => {
    const { obtain, clock } = setUp(4_000);
    await obtain('a');
    clock.advance(2_900);
    assert.equal(await obtain('a'), 'token 1');
    clock.advance(200);
    assert.equal(await obtain('a'), 'token 2');
  });

  it('makes one request for all who ask at once', async () => {
    const { obtain, count } = setUp();
    assert.deepEqual(await Promise.all([obtain('a'), obtain('a'), obtain('a')]), Array(3).fill('token 1'));
    assert.equal(count(), 1);
  });

  it('asks again after a failure', async () => {
    const { cache, obtain } = setUp();
    const failure = new Error('no token');
    await assert.rejects(
      cache.obtain('a', () => Promise.reject(failure)),
      failure,
    );
    assert.equal(await obtain('a'), 'token 1');
  });

  it('drops a refused token, but not the one that replaced it', async () => {
    const { cache, obtain } = setUp();
    const refused = await obtain('a');
    cache.drop('a', refused);
    assert.equal(await obtain('a'), 'token 2');
    cache.drop('a', refused);
    assert.equal(await obtain('a'), 'token 2');
  });

  it('does not grow without end', async () => {
    const { obtain, count } = setUp();
    for (let index = 0; index < 501; index++) await obtain(`key ${index}`);
    await obtain('key 500');
    assert.equal(count(), 501);
    await obtain('key 0');
    assert.equal(count(), 502);
  });
});
