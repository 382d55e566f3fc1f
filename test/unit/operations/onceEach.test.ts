import assert from 'node:assert/strict';
import { digestOf } from '../../../src/oci/digest';
import { OnceEach } from '../../../src/operations/onceEach';

const one = digestOf('one');
const later = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('OnceEach', () => {
  it('does the work once, and tells who did it', async () => {
    const once = new OnceEach();
    let count = 0;
    const work = async () => {
      await later();
      count++;
    };
    const first = await Promise.all([once.run(one, {}, work), once.run(one, {}, work)]);
    assert.equal(once.has(one), true);
    assert.deepEqual([...first, await once.run(one, {}, work), count], [true, false, false, 1]);
    assert.equal(await once.run(digestOf('two'), {}, work), true);
  });

  it('gives a failure to all who wait, and keeps nothing of it', async () => {
    const once = new OnceEach();
    const fails = async () => {
      await later();
      throw new Error('broken');
    };
    const [first, second] = [once.run(one, {}, fails), once.run(one, {}, later)];
    await Promise.all([first, second].map((each) => assert.rejects(each, /broken/)));
    assert.equal(once.has(one), false);
    assert.equal(await once.run(one, {}, later), true);
  });

  it('lets one who waits take over from one that was stopped', async () => {
    const once = new OnceEach();
    const stopped = async () => {
      await later();
      throw new DOMException('stop', 'AbortError');
    };
    const first = assert.rejects(once.run(one, {}, stopped), /stop/);
    assert.equal(await once.run(one, {}, later), true);
    await first;
  });

  it('ends the waiting by an abort', async () => {
    const once = new OnceEach();
    const controller = new AbortController();
    const first = once.run(one, {}, later);
    const waiting = once.run(one, controller, later);
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    assert.equal(await first, true);
  });
});
