import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { digestOf } from '../../../src/oci/digest';
import { Apart, type Touched } from '../../../src/operations/apart';

const [child, other] = [digestOf('child'), digestOf('other')];

describe('Apart', () => {
  const together = async (first: Touched, second: Touched) => {
    const apart = new Apart();
    let [now, most] = [0, 0];
    const work = async () => {
      most = Math.max(most, ++now);
      await delay(5);
      now--;
    };
    await Promise.all([apart.run(first, {}, work), apart.run(second, {}, work)]);
    return most === 2;
  };

  it('keeps who stores a manifest from who stores it or looks it up', async () => {
    assert.equal(await together({ stores: child }, { stores: child }), false);
    assert.equal(await together({ stores: child }, { stores: other, looksUp: [child] }), false);
    assert.equal(await together({ looksUp: [other, child] }, { stores: child }), false);
  });

  it('lets all others be', async () => {
    assert.equal(await together({ stores: child }, { stores: other }), true);
    assert.equal(await together({ looksUp: [child] }, { stores: other, looksUp: [child] }), true);
  });

  it('goes on behind one that failed, and stops waiting by an abort', async () => {
    const apart = new Apart();
    const failing = apart.run({ stores: child }, {}, async () => {
      await delay(5);
      throw new Error('broken');
    });
    const controller = new AbortController();
    const waiting = apart.run({ stores: child }, controller, async () => 'never');
    const next = apart.run({ stores: child }, {}, async () => 'done');
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await assert.rejects(failing, /broken/);
    assert.equal(await next, 'done');
  });
});
