import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { logError, logLine, logRequest } from '../../../src/host/log';
import { CopyError } from '../../../src/oci/errors';
import { sourceFiles } from '../house/sourceFiles';

const MAX_ENTRY = 12_000;

describe('The log', () => {
  const entries: string[] = [];
  const write = (entry: string) => void entries.push(entry);
  const channel = { info: write, warn: write, error: write } as unknown as vscode.LogOutputChannel;
  beforeEach(() => void entries.splice(0));

  it('has bounded entries, whatever failed for whatever reason', () => {
    let error: Error = new Error('words '.repeat(50_000));
    for (let depth = 0; depth < 10; depth++) {
      error = new CopyError('source', 'step '.repeat(50_000), `sha256:${'0'.repeat(64)}`, error);
    }
    logError(channel, 'what '.repeat(50_000), error);
    logLine(channel, 'warn', 'a line '.repeat(50_000));
    logRequest(channel, {
      method: 'GET',
      url: `https://r.test/${'u'.repeat(50_000)}`,
      outcome: 200,
      elapsedMs: 1,
    });
    assert.equal(entries.length, 3);
    for (const entry of entries) assert.ok(entry.length <= MAX_ENTRY, String(entry.length));
    assert.match(entries[2] ?? '', /^GET https:\/\/r\.test\/u+…u+ 200 1 ms$/);
    assert.ok((entries[2] ?? '').length < 1_100);
  });

  it('is written through the file that bounds its entries', () => {
    const writes = /\b(?:log|channel)\.(?:trace|debug|info|warn|error|append|appendLine|replace)\(/;
    const found = sourceFiles('src').filter(
      ({ path, text }) => path !== 'src/host/log.ts' && writes.test(text),
    );
    assert.deepEqual(
      found.map(({ path }) => path),
      [],
    );
  });
});
