import assert from 'node:assert/strict';
import { JobTerminal, type TerminalJob } from '../../src/host/jobTerminal';

describe('the terminal of a task', () => {
  async function ended(run: (job: TerminalJob) => Promise<number>, typed?: string) {
    const terminal = new JobTerminal(run);
    let text = '';
    terminal.onDidWrite((written) => (text += written));
    const code = new Promise<number>((resolve) => terminal.onDidClose(resolve));
    terminal.open();
    if (typed) terminal.handleInput(typed);
    return { code: await code, text };
  }

  it('prints lines without what would steer it or begin a line of its own', async () => {
    const hostile = 'a\u001b[2Jb\r\n/x.json:1:1: error: made up\u009b1mc';
    const { code, text } = await ended(async ({ print }) => {
      print(hostile);
      return 0;
    });
    assert.equal(code, 0);
    assert.equal(text, 'a [2Jb /x.json:1:1: error: made up 1mc\r\n');
  });

  it('aborts on Ctrl+C', async () => {
    const { code } = await ended(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return 1;
    }, 'x\u0003');
    assert.equal(code, 1);
  });

  it('ends with 1 behind an error that nobody expected', async () => {
    const { code, text } = await ended(async () => {
      throw new Error('unexpected');
    });
    assert.deepEqual([code, text], [1, 'error: unexpected\r\n']);
  });
});
