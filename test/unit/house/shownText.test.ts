import assert from 'node:assert/strict';
import { sourceFiles } from './sourceFiles';
import type { SourceFile } from './walls';

/** The files that take links and icons out of what they show. */
const PLAIN: readonly string[] = ['askSteps', 'askText', 'messages', 'pick', 'progress'].map(
  (name) => `src/host/${name}.ts`,
);
const SHOWN =
  /\b(?:show(?:Information|Warning|Error)Message|showQuickPick|showInputBox|createInputBox|window\.withProgress|MarkdownString)\b/;
const LIST = /\bcreateQuickPick\b/;
const STATUS = /\b(?:setStatusBarMessage|createStatusBarItem)\(/;

/** Where text goes to VS Code that would make links or icons of it. */
function unguarded({ path, text }: SourceFile): boolean {
  if (PLAIN.includes(path)) return false;
  const isBareList = LIST.test(text) && !text.includes('plainItem');
  const isBareStatus = STATUS.test(text) && !text.includes('rowText');
  return SHOWN.test(text) || isBareList || isBareStatus;
}

describe('What VS Code shows', () => {
  it('goes through the files that take links and icons out of it', () => {
    assert.deepEqual(
      sourceFiles('src')
        .filter(unguarded)
        .map(({ path }) => path),
      [],
    );
  });

  for (const text of [
    'void vscode.window.showInformationMessage(title);',
    'const box = vscode.window.createQuickPick();',
    'vscode.window.setStatusBarMessage(title);',
    'item.tooltip = new vscode.MarkdownString(title);',
    'vscode.window.withProgress({ location, title }, run);',
  ]) {
    it(`is found in ${text}`, () => assert.ok(unguarded({ path: 'src/commands/a.ts', text })));
  }
});
