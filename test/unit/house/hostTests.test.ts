import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { commandIds } from '../../../src/host/commandIds';
import { projectRoot } from '../../support/projectRoot';
import type { ExtensionManifest } from './manifestRules';

/** A command by its name in the code and by its title in menus. */
interface NamedCommand {
  readonly name: string;
  readonly title: string;
}

/** How tests of the workbench choose a command as a person does: by its title in a menu, a row or the palette. */
const CLICK = /\b(?:chooseFromRow|clickRow|runFromPalette)\(([^)]*)\)/g;

/** The commands that no test runs by its id, nor by a click on its title. */
function untested(commands: readonly NamedCommand[], tests: string): readonly string[] {
  const clicks = [...tests.matchAll(CLICK)].map(([, given = '']) => given);
  const isRun = ({ name, title }: NamedCommand) =>
    new RegExp(`\\bcommandIds\\.${name}\\b`).test(tests) ||
    clicks.some((given) => given.includes(`'${title}'`) || given.includes(`'${title}…'`));
  return commands.filter((command) => !isRun(command)).map(({ name }) => name);
}

function textsBelow(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n');
}

describe('the tests inside VS Code', () => {
  it('run every command', () => {
    const file = path.join(projectRoot(), 'package.json');
    const { contributes } = JSON.parse(readFileSync(file, 'utf8')) as ExtensionManifest;
    const commands = Object.entries(commandIds).map(([name, id]) => ({
      name,
      title: contributes.commands.find(({ command }) => command === id)?.title ?? name,
    }));
    assert.deepEqual(untested(commands, textsBelow(path.join(projectRoot(), 'test/host'))), []);
  });
});

describe('the search for commands that no test runs', () => {
  const save = { name: 'save', title: 'Save as…' };

  it('takes an id, and a click on a title', () => {
    assert.deepEqual(untested([save], 'executeCommand(commandIds.save, row)'), []);
    assert.deepEqual(untested([save], "await chooseFromRow('v1', 'Save as…');"), []);
  });

  it('takes no longer name, and no title that is only spoken of', () => {
    assert.deepEqual(untested([save], "commandIds.saveBlob; it('shows Save as…'); seeRow('Save as…')"), [
      'save',
    ]);
  });
});
