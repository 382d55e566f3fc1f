import assert from 'node:assert/strict';
import { rateLimitText } from '../../../src/host/rateLimits';
import { parseRateLimit } from '../../../src/transport/rateLimit';

const headers = (limit: string, remaining: string) =>
  new Headers({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining });

describe('rate limits', () => {
  it('are read with their span, and put in words', () => {
    const limit = parseRateLimit(headers('100;w=21600', '76;w=21600'));
    assert.deepEqual(limit, { limit: 100, remaining: 76, windowSeconds: 21_600 });
    assert.equal(limit && rateLimitText(limit), '76 of 100 pulls left per 6 hours');
    assert.equal(
      rateLimitText({ limit: 10, remaining: 1, windowSeconds: 3600 }),
      '1 of 10 pulls left per hour',
    );
    assert.equal(
      rateLimitText({ limit: 10, remaining: 0, windowSeconds: 90 }),
      '0 of 10 pulls left per 2 minutes',
    );
  });

  it('are read without a span, and not at all where they are no numbers', () => {
    assert.deepEqual(parseRateLimit(headers('200', '199')), { limit: 200, remaining: 199 });
    assert.equal(rateLimitText({ limit: 200, remaining: 199 }), '199 of 200 pulls left');
    for (const [limit, remaining] of [
      ['many', '1'],
      ['1', ''],
      ['', ''],
    ] as const) {
      assert.equal(parseRateLimit(headers(limit, remaining)), undefined);
    }
    assert.equal(parseRateLimit(new Headers()), undefined);
  });
});
