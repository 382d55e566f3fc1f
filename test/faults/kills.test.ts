import assert from 'node:assert/strict';
import { peerOrSkip } from '../support/peers';
import { randomFrom } from './cases';
import { killMany, startKillWorld, type KillWorld } from './kills';
import { killable } from './killable';

const SEED = 20_261_127;
const TIMES = 10;

describe('An operation that is killed with -9', () => {
  let world: KillWorld;

  before(async function () {
    peerOrSkip(this, 'docker-registry');
    world = await startKillWorld();
  });
  after(() => world?.stop());

  for (const name of Object.keys(killable)) {
    it(`${name}: shows nothing half done, and the next run completes`, async () => {
      const kills = await killMany(world, name, { times: TIMES, random: randomFrom(SEED) });
      assert.deepEqual(
        kills.filter(({ problems }) => problems.length > 0),
        [],
      );
      assert.ok(
        kills.some(({ wasKilled }) => wasKilled),
        'each time it was through before',
      );
    });
  }
});
