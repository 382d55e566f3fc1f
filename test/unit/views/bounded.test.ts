import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { boundedRow } from '../../../src/views/boundedRow';
import { boundedTexts } from '../../../src/views/boundedTexts';

const HUGE = 'x'.repeat(4_000_000);
const row = (id: string): vscode.TreeItem =>
  boundedRow({
    id,
    label: HUGE,
    description: HUGE,
    tooltip: HUGE,
    accessibilityInformation: { label: HUGE, role: 'treeitem' },
  });

describe('A row that a registry named', () => {
  it('has an end to each of its texts', () => {
    const { label, description, tooltip, accessibilityInformation: spoken } = row('a');
    assert.equal(label, `${'x'.repeat(200)}…`);
    assert.equal(description, label);
    assert.equal(tooltip, `${'x'.repeat(2_000)}…`);
    assert.deepEqual(spoken, { label: `${'x'.repeat(400)}…`, role: 'treeitem' });
  });

  it('keeps an id of its own', () => {
    assert.equal(row('registry/name:tag').id, 'registry/name:tag');
    const [one, other] = [row(`${HUGE}1`), row(`${HUGE}2`)];
    assert.ok((one.id ?? '').length < 100);
    assert.notEqual(one.id, other.id);
  });

  it('stays as it is where it is short', () => {
    const item = { label: 'v1', description: 'sha256:1', tooltip: 'a\nb' };
    assert.deepEqual(boundedRow({ ...item }), item);
  });
});

describe('A message for a page', () => {
  it('has an end to each of its texts, however deep', () => {
    const message = { type: 'content', rows: [{ name: HUGE, size: 3 }], more: false };
    const rows = [{ name: `${'x'.repeat(10_000)}…`, size: 3 }];
    assert.deepEqual(boundedTexts(message), { type: 'content', rows, more: false });
  });
});
