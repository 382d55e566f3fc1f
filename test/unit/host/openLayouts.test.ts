import assert from 'node:assert/strict';
import { OpenLayouts } from '../../../src/host/openLayouts';

describe('The open layouts', () => {
  it('outlive the window in the state of the workspace, as paths alone', async () => {
    const kept = new Map<string, string>();
    let changes = 0;
    const open = () =>
      new OpenLayouts({
        state: {
          get: <T>(key: string) => JSON.parse(kept.get(key) ?? 'null') as T,
          update: async (key, value) => void kept.set(key, JSON.stringify(value)),
        },
        onChange: () => (changes += 1),
      });
    await open().add('/data/one');
    await open().add('/data/two.tar');
    await open().add('/data/one');
    assert.deepEqual(open().paths, ['/data/one', '/data/two.tar']);
    assert.equal(changes, 2);
    await open().remove('/data/one');
    assert.deepEqual(open().paths, ['/data/two.tar']);
    assert.deepEqual([...kept.values()], ['["/data/two.tar"]']);
  });
});
