import assert from 'node:assert/strict';
import { Lanes } from '../../../src/oci/lanes';

/** Jobs that end when told to. */
class Jobs {
  readonly started: string[] = [];
  private readonly ends = new Map<string, () => void>();

  constructor(private readonly lanes: Lanes) {}

  run(name: string, isSmall: boolean, signal?: AbortSignal): Promise<void> {
    return this.lanes.run({ isSmall, signal }, () => {
      this.started.push(name);
      return new Promise((resolve) => this.ends.set(name, resolve));
    });
  }

  end(...names: readonly string[]): void {
    for (const name of names) this.ends.get(name)?.();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Lanes', () => {
  it('lets two small jobs in beside each other one, and the next as one leaves, in their order', async () => {
    const jobs = new Jobs(new Lanes(2));
    const all = ['a', 'b', 'c', 'd'].map((name) => jobs.run(name, false));
    all.push(...['1', '2', '3', '4', '5'].map((name) => jobs.run(name, true)));
    await turn();
    assert.deepEqual(jobs.started, ['a', 'b', '1', '2', '3', '4']);
    jobs.end('1');
    await turn();
    assert.deepEqual(jobs.started.slice(6), ['5']);
    jobs.end('a', 'b', '2', '3', '4', '5');
    await turn();
    assert.deepEqual(jobs.started.slice(7), ['c', 'd']);
    jobs.end('c', 'd');
    await Promise.all(all);
  });

  it('takes one job at a time where that is wanted, small or not', async () => {
    const jobs = new Jobs(new Lanes(1));
    const all = [jobs.run('small', true), jobs.run('large', false)];
    await turn();
    assert.deepEqual(jobs.started, ['small']);
    jobs.end('small');
    await turn();
    jobs.end('large');
    await Promise.all(all);
    assert.deepEqual(jobs.started, ['small', 'large']);
  });

  it('forgets a job that is aborted while it waits, and goes on behind one that failed', async () => {
    const lanes = new Lanes(1);
    const jobs = new Jobs(lanes);
    const failing = lanes.run({ isSmall: false }, async () => {
      await turn();
      throw new Error('broken');
    });
    const controller = new AbortController();
    const waiting = jobs.run('aborted', false, controller.signal);
    const next = jobs.run('next', false);
    controller.abort(new Error('stop'));
    await assert.rejects(waiting, /stop/);
    await assert.rejects(failing, /broken/);
    await turn();
    assert.deepEqual(jobs.started, ['next']);
    jobs.end('next');
    await next;
    await assert.rejects(jobs.run('late', false, controller.signal), /stop/);
  });
});
