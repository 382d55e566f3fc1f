import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TAKES_FILES, TAKES_ROWS } from '../../../src/commands/severalRows';
import { commandIds } from '../../../src/host/commandIds';
import { projectRoot } from '../../support/projectRoot';
import {
  badTitles,
  crowdedRows,
  hiddenFromPalette,
  offeredForSeveral,
  unknownMenuItems,
  unmatchedCommands,
  type ExtensionManifest,
} from './manifestRules';

const category = 'OCI Artifacts';

/** These need a row to act on, and cannot ask for it. */
const contextOnly: readonly string[] = [
  commandIds.loadMore,
  commandIds.stopWaiting,
  commandIds.addNamespace,
  commandIds.continueTransfer,
  commandIds.cancelTransfer,
  commandIds.removeTransfer,
  commandIds.filter,
  commandIds.clearFilter,
  commandIds.closeLayout,
  commandIds.attachFiles,
  commandIds.pullFile,
  commandIds.saveBlob,
  commandIds.delete,
  commandIds.untag,
  commandIds.deleteRepository,
  commandIds.copyReference,
  commandIds.copyDigestReference,
  commandIds.usePlainHttp,
  commandIds.skipVerification,
  commandIds.chooseCaFile,
  commandIds.chooseClientCertificate,
];

const manifest = JSON.parse(
  readFileSync(path.join(projectRoot(), 'package.json'), 'utf8'),
) as ExtensionManifest;

const withCommand = (title: string, itsCategory = category): ExtensionManifest => ({
  contributes: { commands: [{ command: 'x.a', title, category: itsCategory }], menus: {} },
});

const withMenu = (
  menu: string,
  ...items: ExtensionManifest['contributes']['menus'][string]
): ExtensionManifest => ({
  contributes: { commands: [{ command: 'x.a', title: 'A', category }], menus: { [menu]: items } },
});

describe('the manifest', () => {
  it('has the commands of the code, and no others', () => {
    assert.deepEqual(unmatchedCommands(manifest, Object.values(commandIds)), []);
  });

  it('has no menu item without a command', () => {
    assert.deepEqual(unknownMenuItems(manifest), []);
  });

  it('hides from the palette what needs a row, and nothing else', () => {
    assert.deepEqual(hiddenFromPalette(manifest), [...contextOnly].sort());
  });

  it('titles every command without its category, which is the same for all', () => {
    assert.deepEqual(badTitles(manifest, category), []);
  });

  it('puts at most three actions on a row', () => {
    assert.deepEqual(crowdedRows(manifest, 3), []);
  });

  it('offers for several rows or files only what does all of them', () => {
    assert.deepEqual(offeredForSeveral(manifest, 'view/item/context', TAKES_ROWS), []);
    assert.deepEqual(offeredForSeveral(manifest, 'explorer/context', TAKES_FILES), []);
  });
});

describe('the rules of the manifest', () => {
  it('find what is offered for several rows and does one', () => {
    const items = [
      { command: 'x.a', when: 'viewItem == tag' },
      { command: 'x.b', when: 'viewItem == tag && !listMultiSelection' },
      { command: 'x.c', when: 'viewItem == tag && !listMultiSelection || viewItem == layer' },
      { command: 'x.all', when: 'viewItem == tag && listMultiSelection' },
      { submenu: 'x.menu' },
    ];
    const found = offeredForSeveral(withMenu('view/item/context', ...items), 'view/item/context', ['x.all']);
    assert.deepEqual(found, ['x.a', 'x.c', 'x.menu']);
  });

  it('find a command of the code that the manifest lacks, and the reverse', () => {
    assert.deepEqual(unmatchedCommands(withCommand('A'), ['x.b']), [
      'x.b is missing in package.json',
      'x.a is missing in the code',
    ]);
  });

  it('find a menu item of an unknown command', () => {
    assert.deepEqual(unknownMenuItems(withMenu('view/title', { command: 'x.b' })), ['view/title: x.b']);
  });

  it('take only `false` for hidden', () => {
    const items = [
      { command: 'x.a', when: 'false' },
      { command: 'x.b', when: 'falsey' },
    ];
    assert.deepEqual(hiddenFromPalette(withMenu('commandPalette', ...items)), ['x.a']);
  });

  it('find a title that repeats the category, one that is empty and one of another category', () => {
    assert.equal(badTitles(withCommand('OCI Artifacts: Push'), category).length, 1);
    assert.equal(badTitles(withCommand(' '), category).length, 1);
    assert.equal(badTitles(withCommand('Push', 'OCI'), category).length, 1);
    assert.equal(badTitles(withCommand('Push as OCI artifact…'), category).length, 0);
  });

  it('find a fourth action on a row', () => {
    const item = { command: 'x.a', when: 'viewItem == tag', group: 'inline@1' };
    assert.equal(crowdedRows(withMenu('view/item/context', item, item, item), 3).length, 0);
    assert.equal(crowdedRows(withMenu('view/item/context', item, item, item, item), 3).length, 1);
  });
});
