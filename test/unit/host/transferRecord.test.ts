import assert from 'node:assert/strict';
import { savedTransfer } from '../../../src/host/transferRecord';

describe('The record of a transfer', () => {
  const own = {
    kind: 'copy',
    title: 'Copy a/b:v1 to c/d:v1',
    job: { referrers: true },
    state: 'paused',
    doneBytes: 1,
    totalBytes: 2,
  };
  const old = {
    kind: 'pull',
    reference: 'a/b:v1',
    folder: '/into',
    job: { plan: { files: [] } },
    state: 'failed',
    doneBytes: 1,
    totalBytes: 2,
    message: 'cut',
  };

  it('is read as it was written', () => {
    assert.deepEqual(savedTransfer(JSON.parse(JSON.stringify(own))), own);
  });

  it('is read of a version that knew pulls and pushes alone', () => {
    const { title, detail, job, message } = savedTransfer(old) ?? {};
    assert.deepEqual(
      { title, detail, job, message },
      {
        title: 'Pull a/b:v1',
        detail: 'Into /into',
        job: { plan: { files: [] }, folder: '/into' },
        message: 'cut',
      },
    );
    const pushed = savedTransfer({ ...old, kind: 'push' });
    assert.deepEqual([pushed?.title, pushed?.detail], ['Push a/b:v1', 'From /into']);
  });

  const foreign: Readonly<Record<string, unknown>> = {
    nothing: undefined,
    'a text': 'copy',
    'a list': [own],
    'a kind of another version': { ...own, kind: 'copy2' },
    'no job': { ...own, job: undefined },
    'a job that is a text': { ...own, job: 'copy' },
    'no title, and nothing that it could be made of': { ...own, title: undefined },
    'a state of another version': { ...own, state: 'waiting' },
    'no number': { ...own, doneBytes: '1' },
  };
  for (const [what, record] of Object.entries(foreign)) {
    it(`is passed over where it is ${what}`, () => assert.equal(savedTransfer(record), undefined));
  }
});
