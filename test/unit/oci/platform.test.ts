import assert from 'node:assert/strict';
import { InvalidContentError } from '../../../src/oci/errors';
import { parsePlatform, platformMatches } from '../../../src/oci/platform';

describe('parsePlatform', () => {
  for (const [text, platform] of [
    ['linux/amd64', { architecture: 'amd64', os: 'linux' }],
    ['linux/arm/v7', { architecture: 'arm', os: 'linux', variant: 'v7' }],
    ['windows/amd64:10.0.1', { architecture: 'amd64', os: 'windows', 'os.version': '10.0.1' }],
  ] as const) {
    it(`reads ${text}`, () => assert.deepEqual(parsePlatform(text), platform));
  }

  for (const text of ['', 'linux', '/amd64', 'linux/', 'linux/arm/v7/x']) {
    it(`refuses "${text}"`, () => assert.throws(() => parsePlatform(text), InvalidContentError));
  }

  it('matches what it leaves open', () => {
    const offered = parsePlatform('linux/arm/v7');
    assert.ok(platformMatches(offered, parsePlatform('linux/arm')));
    assert.ok(!platformMatches(offered, parsePlatform('linux/arm/v6')));
    assert.ok(!platformMatches(offered, parsePlatform('linux/arm64')));
  });
});
