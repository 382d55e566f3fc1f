import assert from 'node:assert/strict';
import { InvalidContentError } from '../../../src/oci/errors';
import { keptPlatforms, nearestPlatforms, parsePlatform, platformMatches } from '../../../src/oci/platform';

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

  for (const [wanted, offered] of [
    ['linux/arm64', 'linux/arm64/v8'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64/v8.0'],
    ['linux/arm64/v9', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/v7', 'linux/arm'],
    ['linux/arm/v7', 'linux/arm/v6'],
    ['linux/arm', 'linux/arm/v5'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64', 'linux/amd64/v1'],
    ['linux/amd64/v3', 'linux/amd64/v2'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/aarch64', 'linux/arm64/v8'],
    ['macos/arm64', 'darwin/arm64'],
    ['linux/riscv64', 'linux/riscv64/rva22'],
  ] as const) {
    it(`takes ${offered} for ${wanted}`, () =>
      assert.ok(platformMatches(parsePlatform(offered), parsePlatform(wanted))));
  }

  for (const [wanted, offered] of [
    ['linux/arm64', 'linux/arm64/v9'],
    ['linux/arm64/v7', 'linux/arm64/v8'],
    ['linux/arm64/v9', 'linux/arm64/v8.6'],
    ['linux/arm/v6', 'linux/arm'],
    ['linux/arm/v7', 'linux/arm64'],
    ['linux/arm64', 'linux/arm/v7'],
    ['linux/amd64', 'linux/amd64/v2'],
    ['linux/amd64', 'linux/386'],
    ['linux/amd64', 'windows/amd64'],
    ['linux/riscv64/rva22', 'linux/riscv64'],
    ['windows/amd64:10.0.1', 'windows/amd64:10.0.2'],
  ] as const) {
    it(`does not take ${offered} for ${wanted}`, () =>
      assert.ok(!platformMatches(parsePlatform(offered), parsePlatform(wanted))));
  }

  it('takes the nearest of several: what is written alike, then what means the same, then the level below', () => {
    const nearest = (wanted: string, ...offered: readonly string[]) =>
      nearestPlatforms(
        offered.map((text) => ({ text, platform: parsePlatform(text) })),
        parsePlatform(wanted),
      ).map(({ text }) => text);
    assert.deepEqual(nearest('linux/arm', 'linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7'), ['linux/arm/v7']);
    assert.deepEqual(nearest('linux/arm/v8', 'linux/arm/v5', 'linux/arm/v6'), ['linux/arm/v6']);
    assert.deepEqual(nearest('linux/arm64', 'linux/arm64/v8', 'linux/arm64'), ['linux/arm64']);
    assert.deepEqual(nearest('linux/amd64/v3', 'linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'), [
      'linux/amd64/v2',
    ]);
    assert.deepEqual(nearest('windows/amd64', 'windows/amd64:1', 'windows/amd64:2'), [
      'windows/amd64:1',
      'windows/amd64:2',
    ]);
    assert.deepEqual(nearest('linux/s390x', 'linux/amd64'), []);
  });

  it('keeps all of an index that fit a platform without a variant, as oras does, and the nearest where none fits', () => {
    const kept = (wanted: string, ...offered: readonly string[]) =>
      keptPlatforms(
        offered.map((text) => ({ text, platform: parsePlatform(text) })),
        parsePlatform(wanted),
      ).map(({ text }) => text);
    assert.deepEqual(kept('linux/arm', 'linux/arm/v6', 'linux/amd64', 'linux/arm/v7'), [
      'linux/arm/v6',
      'linux/arm/v7',
    ]);
    assert.deepEqual(kept('linux/arm64/v8', 'linux/arm64', 'linux/amd64'), ['linux/arm64']);
    assert.deepEqual(kept('linux/s390x', 'linux/amd64'), []);
  });
});
