import assert from 'node:assert/strict';
import { peerOrSkip } from '../support/peers';
import { soakTable } from './report';
import { soak, type SoakServerName } from './soak';
import { growthIn } from './soakGrowth';
import type { Sample } from './soakSample';

const CYCLES = 60;

describe('A short soak', function () {
  this.timeout(60_000);

  for (const name of ['the embedded registry', 'docker-registry'] satisfies SoakServerName[]) {
    it(`of ${CYCLES} pushes, pulls and deletes on ${name} leaves everything flat`, async function () {
      if (name === 'docker-registry') peerOrSkip(this, 'docker-registry');
      const soaked = await soak(name, CYCLES);
      const grown = growthIn(soaked.samples).filter(({ isFlat }) => !isFlat);
      assert.deepEqual(grown, [], soakTable([soaked]));
    });
  }
});

describe('What a soak takes for growth', () => {
  const sampled = (fields: (cycle: number) => Partial<Sample>): readonly Sample[] =>
    Array.from({ length: 40 }, (_, index) => ({
      cycle: (index + 1) * 50,
      heapBytes: 10_000_000 + (index % 3) * 100_000,
      clientRssBytes: 90_000_000,
      clientFiles: 20,
      clientSockets: index % 2 === 0 ? 5 : 7,
      temporaryFiles: 4,
      ...fields((index + 1) * 50),
    }));
  const grown = (samples: readonly Sample[]) =>
    growthIn(samples)
      .filter(({ isFlat }) => !isFlat)
      .map(({ measure }) => measure);

  it('is not noise, nor what comes in the first quarter and stays', () => {
    assert.deepEqual(grown(sampled(() => ({}))), []);
    assert.deepEqual(grown(sampled((cycle) => ({ heapBytes: cycle < 500 ? 1e7 : 3e7 }))), []);
    assert.deepEqual(grown(sampled((cycle) => ({ temporaryFiles: 2_000 - cycle }))), []);
  });

  it('is a kilobyte a cycle, and one file among a thousand cycles', () => {
    assert.deepEqual(grown(sampled((cycle) => ({ heapBytes: 1e7 + cycle * 1_000 }))), ['heapBytes']);
    assert.deepEqual(grown(sampled((cycle) => ({ clientFiles: 20 + Math.floor(cycle / 1_000) }))), [
      'clientFiles',
    ]);
    assert.deepEqual(grown(sampled((cycle) => ({ registryFiles: cycle }))), ['registryFiles']);
  });
});
