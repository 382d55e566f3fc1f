import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { answering } from './support/dialogs';
import { newFolder, pushByCommand, workspaceFolder } from './support/flows';
import { answerInput, hasPage, page, type PageCall } from './support/page';
import { useRegistries } from './support/registries';
import { testRepository } from './support/testRepository';

const DEAD = '127.0.0.1:1';
const box: PageCall = ['locator', '.quick-input-widget:visible', { hasText: 'where to' }];

describe('the destination of a push', () => {
  let registry: LocalRegistry;
  let host: string;
  const file = () => vscode.Uri.joinPath(workspaceFolder(), 'README.md');

  before(async function () {
    if (!hasPage()) this.skip();
    registry = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    host = `${registry.host}:${registry.port}`;
    await useRegistries({ host, plainHttp: true }, { host: DEAD, plainHttp: true });
  });
  after(async () => {
    await useRegistries();
    await registry?.stop();
  });

  for (const [typed, repository] of [
    ['demo/readme:v1', 'demo/readme'],
    ['Bare:v1', 'bare'],
  ] as const) {
    it(`is in the registry that is known where ${typed} is typed`, async () => {
      const { errors } = await pushByCommand([file()], typed);
      assert.deepEqual(errors, []);
      assert.ok(await testRepository(host, repository).resolve('v1'));
    });
  }

  it('can be changed where it cannot be reached', async () => {
    const shown = await answering({ error: 'Change destination…' }, async () => {
      const done = vscode.commands.executeCommand(commandIds.push, file(), [file()]);
      await answerInput('where to', `${DEAD}/moved/readme:v1`);
      await answerInput('artifact type', 'application/vnd.example.test.v1');
      await answerInput('where to', `${host}/moved/readme:v1`);
      await done;
    });
    assert.match(shown.errors.join(), /^Push to 127\.0\.0\.1:1\/moved\/readme:v1 failed/);
    assert.ok(await testRepository(host, 'moved/readme').resolve('v1'));
  });

  it('is remembered once something was pushed there, and not before', async () => {
    const failed = `${DEAD}/never/pushed:v1`;
    assert.notDeepEqual((await pushByCommand([file()], failed)).errors, []);
    const asked = vscode.commands.executeCommand(commandIds.push, file(), [file()]);
    await page(box, ['waitFor']);
    const value = await page<string>(box, ['locator', 'input[type=text]'], ['first'], ['inputValue']);
    await page(['keyboard'], ['press', 'Escape']);
    await asked;
    assert.doesNotMatch(value, /never/);
  });
});
