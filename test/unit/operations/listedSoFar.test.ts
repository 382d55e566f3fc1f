import assert from 'node:assert/strict';
import { listedSoFar } from '../../../src/operations/listedSoFar';

describe('listedSoFar', () => {
  async function* failing(error: Error) {
    yield* ['v1', 'v2', 'v1'];
    throw error;
  }

  it('gives what came before a failure, each once, and the failure', async () => {
    const { entries, more, failure } = await listedSoFar(failing(new Error('503')), { max: 10 });
    assert.deepEqual(entries, ['v1', 'v2']);
    assert.equal(more, false);
    assert.match(String(failure?.error), /503/);
  });

  it('says that there is more where its bound is reached', async () => {
    const { entries, more, failure } = await listedSoFar(failing(new Error('503')), { max: 1 });
    assert.deepEqual(entries, ['v1']);
    assert.equal(more, true);
    assert.equal(failure, undefined);
  });

  it('ends with an abort', async () => {
    await assert.rejects(listedSoFar(failing(new DOMException('stop', 'AbortError')), { max: 10 }), {
      name: 'AbortError',
    });
  });
});
