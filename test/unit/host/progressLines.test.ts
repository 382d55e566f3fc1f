import assert from 'node:assert/strict';
import { progressLines } from '../../../src/host/progressLines';

describe('progressLines', () => {
  it('prints the first at once, and one every two seconds', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const tell = progressLines(
      (line) => lines.push(line),
      ({ doneBytes }) => `${doneBytes}`,
      () => nowMs,
    );
    for (; nowMs <= 5000; nowMs += 100) tell({ doneBytes: nowMs, totalBytes: 9000 });
    assert.deepEqual(lines, ['0', '2000', '4000']);
  });
});
