import assert from 'node:assert/strict';
import { peerOrSkip } from '../support/peers';
import { randomFrom } from './cases';
import { faults } from './namedFaults';
import { operations } from './operations';
import { faultTable, lineOf } from './report';
import { casesIn, sampleOfEach, startWorld, tryAll, type Tried, type World } from './run';
import { servers, type ServerName } from './servers';

/** A change is judged by the same cases each time. `npm run faults` tries all. */
const SEED = 20_261_127;
const CASES_OF_EACH = 8;
const LEAST_CASES = 300;

describe('Harm to one request of an operation', function () {
  this.timeout(280_000);
  const worlds: World[] = [];
  let tried: readonly Tried[] = [];

  before(async function () {
    peerOrSkip(this, 'docker-registry');
    for (const name of Object.keys(servers) as ServerName[]) worlds.push(await startWorld(name));
    const random = randomFrom(SEED);
    const all = await casesIn(worlds, operations, random);
    tried = await tryAll(sampleOfEach(all, CASES_OF_EACH, random));
    console.log(`${faultTable(tried)}\n${tried.length} of ${all.length} cases`);
  });
  after(() => Promise.all(worlds.map((world) => world.stop())));

  it(`is tried in at least ${LEAST_CASES} cases`, () => assert.ok(tried.length >= LEAST_CASES));

  for (const { name } of faults) {
    it(`${name}: the result is the same, or an error names it; nothing is half done`, () => {
      const its = tried.filter(({ case: { fault } }) => fault.name === name);
      assert.ok(its.length > 0, 'no case');
      assert.deepEqual(its.filter(({ outcome }) => outcome === 'wrong').map(lineOf), []);
    });
  }
});
