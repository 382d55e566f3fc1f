import assert from 'node:assert/strict';
import { eachConcurrently } from '../../../src/operations/eachConcurrently';

describe('eachConcurrently', () => {
  it('keeps the order of results and the bound on what runs at once', async () => {
    let running = 0;
    let most = 0;
    const results = await eachConcurrently([5, 1, 4, 2, 3], { concurrency: 2 }, async (turns) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      running--;
      return turns * 10;
    });
    assert.deepEqual(results, [50, 10, 40, 20, 30]);
    assert.equal(most, 2);
  });

  const mostAtOnce = async (concurrency: number) => {
    const running = { small: 0, large: 0 };
    const most = { ...running };
    const names = Array.from({ length: 40 }, (_, index) =>
      index % 2 ? ('small' as const) : ('large' as const),
    );
    const isSmall = (name: string) => name === 'small';
    const results = await eachConcurrently(names, { concurrency, isSmall }, async (name) => {
      most[name] = Math.max(most[name], ++running[name]);
      await new Promise(setImmediate);
      running[name]--;
      return name;
    });
    assert.deepEqual(results, names);
    return most;
  };

  it('runs small jobs beside the others, but for a concurrency of one', async () => {
    const { small, large } = await mostAtOnce(4);
    assert.ok(large <= 4 && small > 4 && small <= 12, `${large} large and ${small} small ones`);
    assert.deepEqual(await mostAtOnce(1), { small: 1, large: 1 });
  });

  it('throws the first failure after all others have been stopped', async () => {
    const failure = new Error('first');
    let stopped = false;
    const work = async (name: string, signal: AbortSignal) => {
      if (name === 'fails') throw failure;
      await new Promise<void>((done) => signal.addEventListener('abort', () => setImmediate(done)));
      stopped = true;
      signal.throwIfAborted();
    };
    await assert.rejects(
      eachConcurrently(['waits', 'fails', 'never starts'], { concurrency: 2 }, work),
      (error) => error === failure,
    );
    assert.equal(stopped, true);
  });

  it('starts nothing under an aborted signal', async () => {
    const reason = new Error('before');
    let started = 0;
    await assert.rejects(
      eachConcurrently([1], { concurrency: 1, signal: AbortSignal.abort(reason) }, async () => started++),
      (error) => error === reason,
    );
    assert.equal(started, 0);
  });

  it('is not taken for a leak when twenty jobs listen to one signal', async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error) => warnings.push(message);
    process.on('warning', note);
    const jobs = Array.from({ length: 20 }, (_, at) => at);
    await eachConcurrently(jobs, { concurrency: 20 }, async (_at, signal) => {
      signal.addEventListener('abort', () => undefined);
      await new Promise(setImmediate);
    });
    await new Promise(setImmediate);
    process.off('warning', note);
    assert.deepEqual(warnings, []);
  });
});
