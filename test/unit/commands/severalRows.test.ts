import assert from 'node:assert/strict';
import { leftOut, TAKES_FILES, TAKES_ROWS } from '../../../src/commands/severalRows';
import { commandIds } from '../../../src/host/commandIds';

const rows = ['v1', 'v2', 'v3'].map((tag) => ({ target: { host: 'r.test', repository: 'a', tag } }));
const files = ['/a', '/b'].map((fsPath) => ({ scheme: 'file', fsPath }));

describe('a command that is called with several selected', () => {
  for (const id of Object.values(commandIds)) {
    it(`${TAKES_ROWS.includes(id) ? 'takes' : 'refuses'} rows: ${id}`, () => {
      assert.equal(leftOut(id, [rows[0], rows]), TAKES_ROWS.includes(id) ? undefined : rows.length);
    });

    it(`${TAKES_FILES.includes(id) ? 'takes' : 'refuses'} files: ${id}`, () => {
      assert.equal(leftOut(id, [files[0], files]), TAKES_FILES.includes(id) ? undefined : files.length);
    });
  }

  it('is none with one row, with one in a list, and from the palette', () => {
    for (const args of [[], [rows[0]], [rows[0], undefined], [rows[0], [rows[0]]]]) {
      assert.equal(leftOut(commandIds.copyReference, args), undefined);
    }
  });
});
