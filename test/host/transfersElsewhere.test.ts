import assert from 'node:assert/strict';
import path from 'node:path';
import type { TransferKeep } from '../../src/oci/transferStore';
import { Transfers } from '../../src/host/transfers';
import { TransferStore } from '../../src/targets/transfers/transferStore';
import { newFolder } from './support/flows';

const RECORD = { kind: 'copy', title: 'Copy a to b', job: {}, state: 'paused', doneBytes: 1, totalBytes: 2 };
const LOOKED_MS = 5_000;

describe('a transfer that runs in another window', () => {
  let store: TransferStore;
  let transfers: Transfers;
  let calls: Record<'list' | 'clean' | 'mark', number>;
  const failures: unknown[] = [];

  before(async () => {
    store = new TransferStore(path.join((await newFolder()).fsPath, 'transfers'));
    const counted: TransferKeep = {
      open: (id) => store.open(id),
      look: (id) => store.look(id),
      remove: (id) => store.remove(id),
      list: () => (calls.list++, store.list()),
      mark: () => (calls.mark++, store.mark()),
      clean: (limits) => (calls.clean++, store.clean(limits)),
    };
    const limits = () => ({ maxBytes: 1, maxAgeMs: 3_600_000 });
    transfers = new Transfers({ store: counted, limits, onFailure: (_what, error) => failures.push(error) });
  });
  after(async () => {
    await transfers.remove('other');
    transfers.dispose();
  });

  const states = () => transfers.all.map(({ state }) => state);

  it('is looked at without reading all, and seen to end', async () => {
    const other = await store.open('other');
    assert.ok(other);
    await other.save(RECORD);
    calls = { list: 0, clean: 0, mark: 0 };
    await transfers.start();
    assert.deepEqual(states(), ['elsewhere']);
    await new Promise((resolve) => setTimeout(resolve, LOOKED_MS));
    assert.ok(calls.mark >= 3, `looked ${calls.mark} times`);
    assert.deepEqual({ ...calls, mark: 0 }, { list: 1, clean: 1, mark: 0 });
    await other.close();
    for (const end = Date.now() + 10_000; states().includes('elsewhere') && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(states(), ['paused']);
    assert.equal(calls.clean, 1);
    assert.deepEqual(failures, []);
  });
});
