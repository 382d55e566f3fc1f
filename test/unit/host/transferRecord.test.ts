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
  it('is read as it was written', () => {
    assert.deepEqual(savedTransfer(JSON.parse(JSON.stringify(own))), own);
  });

  const foreign: Readonly<Record<string, unknown>> = {
    nothing: undefined,
    'a text': 'copy',
    'a list': [own],
    'a kind of another version': { ...own, kind: 'copy2' },
    'no job': { ...own, job: undefined },
    'a job that is a text': { ...own, job: 'copy' },
    'no title': { ...own, title: undefined },
    'a state of another version': { ...own, state: 'waiting' },
    'no number': { ...own, doneBytes: '1' },
  };
  for (const [what, record] of Object.entries(foreign)) {
    it(`is passed over where it is ${what}`, () => assert.equal(savedTransfer(record), undefined));
  }
});
