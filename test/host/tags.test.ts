import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { answering, type Answers } from './support/dialogs';
import { useEmbeddedRegistry } from './support/embedded';
import { row } from './support/flows';
import { answerInput } from './support/page';

describe('tags', () => {
  const registry = useEmbeddedRegistry();

  const addTags = (repository: string, tags: string, answers: Answers = {}) =>
    answering(answers, async () => {
      const done = vscode.commands.executeCommand(commandIds.addTag, row(registry.host, repository, 'v1'));
      await answerInput('Add tags to', tags);
      await done;
    });

  it('are added several at once', async () => {
    const { descriptor } = await registry.pushText('tags/several', 'one', 'v1');
    const shown = await addTags('tags/several', 'v1.0, latest stable');
    assert.deepEqual([shown.errors, shown.warnings], [[], []]);
    for (const tag of ['v1.0', 'latest', 'stable'])
      assert.equal((await registry.repository('tags/several').resolve(tag)).digest, descriptor.digest, tag);
  });

  it('are taken from another manifest only after a yes', async () => {
    const one = await registry.pushText('tags/move', 'one', 'v1');
    const two = await registry.pushText('tags/move', 'two', 'latest');
    const target = registry.repository('tags/move');
    const refused = await addTags('tags/move', 'latest');
    assert.match(refused.details.join(), /^"latest" moves from [0-9a-f]{12} to [0-9a-f]{12}\.$/);
    assert.equal((await target.resolve('latest')).digest, two.descriptor.digest);
    await addTags('tags/move', 'latest', { warning: 'Move' });
    assert.equal((await target.resolve('latest')).digest, one.descriptor.digest);
  });

  it('are resolved to a digest, which is copied', async () => {
    const { descriptor } = await registry.pushText('tags/resolve', 'one', 'v1');
    const shown = await answering({ information: 'Copy digest' }, async () => {
      const done = vscode.commands.executeCommand(commandIds.resolve);
      await answerInput('Resolve', `${registry.host}/tags/resolve:v1`);
      await done;
    });
    assert.deepEqual(shown.information, [`${registry.host}/tags/resolve:v1 is ${descriptor.digest}`]);
    assert.equal(await vscode.env.clipboard.readText(), descriptor.digest);
  });
});
