import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../../src/host/commandIds';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { NotFoundError } from '../../src/oci/errors';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { TarLayout } from '../../src/targets/layout/tarLayout';
import { collect, manifestOf, pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { peerOrSkip } from '../support/peers';
import { answering, type Answers, type Shown } from './support/dialogs';
import { newFolder, row } from './support/flows';
import { frontDocument } from './support/editors';
import { answerInput, chooseItem, hasPage, page } from './support/page';
import { tick } from './support/quickPick';
import { openSidebar, seeRow } from './support/sidebar';
import { useRegistries } from './support/registries';
import { testRepository } from './support/testRepository';
import { removeTransfers } from './support/transfers';

const run = promisify(execFile);

describe('backup and restore', function () {
  let registry: LocalRegistry;
  let host: string;
  let folder: string;
  let oras: string;

  before(async function () {
    if (!hasPage()) this.skip();
    oras = peerOrSkip(this, 'oras');
    folder = (await newFolder()).fsPath;
    registry = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    host = `${registry.host}:${registry.port}`;
    await useRegistries({ host, plainHttp: true });
    const source = testRepository(host, 'team/app');
    const subject = await pushArtifact(source, [textBlob('first')]);
    await source.tag(subject, 'v1');
    await source.tag(await pushArtifact(source, [textBlob('second')]), 'v2');
    const sbom = manifestOf([], { artifactType: 'application/spdx+json', subject: subject.descriptor });
    await source.push(sbom.descriptor, sourceOf(sbom.bytes));
  });

  after(async () => {
    await useRegistries();
    await removeTransfers();
    await registry?.stop();
  });

  const at = (name: string) => path.join(folder, name);
  const byCommand = (
    command: CommandId,
    argument: unknown,
    questions: readonly (readonly [title: string, text: string])[],
    answers: Answers = {},
  ): Promise<Shown> =>
    answering(answers, async () => {
      const done = vscode.commands.executeCommand(command, argument);
      for (const [title, text] of questions) await answerInput(title, text);
      await done;
    });

  /** All tags with the referrers of each. */
  const contentOf = async (name: string) => {
    const target = testRepository(host, name);
    const content: Record<string, readonly string[]> = {};
    for (const tag of await collect(target.tags())) {
      const subject = await target.resolve(tag);
      const referrers = await collect(target.referrers(subject));
      content[tag] = [subject.digest, ...referrers.map(({ digest }) => digest)];
    }
    return content;
  };

  it('backs a repository up to a folder and a .tar that the real oras restores whole', async () => {
    for (const name of ['whole', 'whole.tar']) {
      const shown = await byCommand(
        commandIds.backup,
        row(host, 'team/app'),
        [
          ['all tags or some', 'All tags'],
          ['with what', 'With referrers'],
        ],
        { save: vscode.Uri.file(at(name)) },
      );
      assert.match(shown.information.join(), /Backed up 2 tags and 1 referrer of /);
      const restored = `by-oras/${name.replace('.', '-')}`;
      await run(oras, ['restore', '--plain-http', '--input', at(name), `${host}/${restored}`]);
      assert.deepEqual(await contentOf(restored), await contentOf('team/app'));
    }
  });

  it('backs chosen tags up without referrers, typed from the palette', async () => {
    await answering({ save: vscode.Uri.file(at('chosen')) }, async () => {
      const done = vscode.commands.executeCommand(commandIds.backup);
      await answerInput('Back up: repository', `${host}/team/app`);
      await answerInput('all tags or some', 'Choose tags');
      await page(['locator', '.quick-input-list .monaco-list-row', { hasText: 'v2' }], ['click']);
      await page(['locator', '.quick-input-widget:visible', { hasText: '1 Selected' }], ['waitFor']);
      await page(['keyboard'], ['press', 'Enter']);
      await answerInput('with what', 'Without referrers');
      await done;
    });
    assert.deepEqual(await collect(new OciLayout(at('chosen')).tags()), ['v2']);
  });

  it('restores what the real oras backed up, folder and .tar', async () => {
    for (const name of ['theirs', 'theirs.tar']) {
      await run(oras, [
        ...['backup', '--plain-http', '--include-referrers', '-o', at(name)],
        `${host}/team/app`,
      ]);
      const restored = `by-us/${name.replace('.', '-')}`;
      const shown = await byCommand(commandIds.restore, vscode.Uri.file(at(name)), [
        ['to which repository', `${host}/${restored}`],
        ['all tags or some', 'All tags'],
        ['with what', 'With referrers'],
      ]);
      assert.deepEqual(shown.errors, []);
      assert.deepEqual(await contentOf(restored), await contentOf('team/app'));
    }
  });

  it('shows what a restore would send, sends nothing, and then restores when told so', async () => {
    await run(oras, ['backup', '--plain-http', '--include-referrers', '-o', at('dry'), `${host}/team/app`]);
    const target = testRepository(host, 'by-us/dry');
    const dryRun = (answers: Answers, then: () => Promise<unknown> = async () => undefined) =>
      answering(answers, async () => {
        const done = vscode.commands.executeCommand(commandIds.restore, vscode.Uri.file(at('dry')));
        await answerInput('to which repository', `${host}/by-us/dry`);
        await answerInput('all tags or some', 'All tags');
        await chooseItem('with what', 'More options…');
        await tick('options', 'With referrers', 'Dry run');
        await done;
        await then();
      });
    const shown = await dryRun({});
    assert.deepEqual(shown.errors, []);
    assert.match(
      shown.information.join(),
      /^Dry run: 2 tags, 3 manifests \(.*\) and 3 blobs \(.*\) would be sent\. Nothing was sent\.$/,
    );
    const text = (await frontDocument('Nothing was sent.')).getText();
    const { digest } = await testRepository(host, 'team/app').resolve('v1');
    assert.match(text, new RegExp(`^  v1  ${digest}  new  with 1 referrer$`, 'm'));
    await assert.rejects(target.resolve('v1'), NotFoundError);
    await openSidebar();
    await dryRun({ information: 'Restore' }, () => seeRow('dry'));
    assert.deepEqual(await contentOf('by-us/dry'), await contentOf('team/app'));
  });

  it("restores into a row's repository from a folder that is chosen", async () => {
    const shown = await byCommand(
      commandIds.restore,
      row(host, 'by-us/chosen'),
      [
        ['from which OCI layout', 'Folder…'],
        ['all tags or some', 'All tags'],
        ['with what', 'Without referrers'],
      ],
      { open: [vscode.Uri.file(at('chosen'))] },
    );
    assert.match(shown.information.join(), /Restored 1 tag of /);
    assert.deepEqual(Object.keys(await contentOf('by-us/chosen')), ['v2']);
  });

  it('offers to show the backup in the sidebar', async () => {
    await byCommand(
      commandIds.backup,
      row(host, 'team/app'),
      [
        ['all tags or some', 'All tags'],
        ['with what', 'Without referrers'],
      ],
      { save: vscode.Uri.file(at('shown.tar')), information: 'Show in sidebar' },
    );
    await page(['locator', '.sidebar [role=treeitem][aria-label^="shown.tar"]'], ['waitFor']);
    assert.equal((await collect((await TarLayout.open(at('shown.tar'))).tags())).length, 2);
    await vscode.commands.executeCommand(commandIds.closeLayout, row(`layout:${folder}`, 'shown.tar'));
  });

  it('says why a folder with other things in it takes no backup', async () => {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri;
    const shown = await byCommand(
      commandIds.backup,
      row(host, 'team/app'),
      [
        ['all tags or some', 'All tags'],
        ['with what', 'Without referrers'],
      ],
      workspace && { save: workspace },
    );
    assert.match(shown.errors.join(), /the folder has other things in it/);
  });
});
