import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../../src/host/commandIds';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { NotFoundError } from '../../src/oci/errors';
import { pushArtifact, textBlob } from '../support/artifacts';
import { startDockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { answering, type Answers } from './support/dialogs';
import { newFolder, pullByCommand, pushByCommand, row, workspaceFolder } from './support/flows';
import { answerInput, page, screenshot } from './support/page';
import { storedMachine, useMachine, useRegistries } from './support/registries';
import { chooseFromRow, openSidebar, seeRow } from './support/sidebar';
import { testRepository } from './support/testRepository';

describe('commands', () => {
  let registry: LocalRegistry;
  let host: string;

  before(async () => {
    registry = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    host = `${registry.host}:${registry.port}`;
    await useRegistries({ host, plainHttp: true });
  });
  after(async () => {
    await useRegistries();
    await registry.stop();
  });

  const run = (command: CommandId, args: readonly unknown[], answers: Answers = {}) =>
    answering(answers, async () => vscode.commands.executeCommand(command, ...args));
  const registryHosts = () =>
    vscode.workspace
      .getConfiguration('ociArtifacts')
      .get<{ host: string; repositories?: string[] }[]>('registries', []);

  async function pushText(repository: string, tag: string): Promise<void> {
    const target = testRepository(host, repository);
    await target.tag(await pushArtifact(target, [textBlob(`${repository}:${tag}`)]), tag);
  }

  describe('push', () => {
    it('pushes from the context menu of the Explorer and shows the tag in the sidebar', async () => {
      await vscode.commands.executeCommand('workbench.view.explorer');
      const shown = await answering({}, async () => {
        await page(
          ['getByRole', 'treeitem', { name: 'README.md' }],
          ['first'],
          ['click', { button: 'right' }],
        );
        const item = ['getByRole', 'menuitem', { name: 'Push as OCI artifact…' }] as const;
        await page(item, ['waitFor']);
        await page(item, ['click', { delay: 150 }]);
        await answerInput('where to', `${host}/from/explorer:v1`);
        await answerInput('artifact type', 'application/vnd.example.readme.v1');
        await seeRow('v1');
      });
      assert.deepEqual(shown.errors, []);
      const { descriptor } = await testRepository(host, 'from/explorer').readManifest('v1');
      assert.equal(descriptor.digest, (await testRepository(host, 'from/explorer').resolve('v1')).digest);
    });

    it('gives the same digest for the same folder', async () => {
      const folder = vscode.Uri.joinPath(workspaceFolder(), 'policies');
      const layers: unknown[] = [];
      for (const tag of ['first', 'second']) {
        await pushByCommand([folder], `${host}/same/folder:${tag}`);
        const { bytes } = await testRepository(host, 'same/folder').readManifest(tag);
        layers.push((JSON.parse(Buffer.from(bytes).toString()) as { layers: unknown }).layers);
      }
      assert.deepEqual(layers[0], layers[1]);
    });

    it('says in the box which part of a reference is wrong, and sends nothing', async () => {
      const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
      const done = vscode.commands.executeCommand(commandIds.push, file, [file]);
      const input = ['locator', '.quick-input-widget:visible input:visible'] as const;
      await page(input, ['first'], ['fill', `${host}/Demo/app:v1`]);
      const list = ['locator', '.quick-input-list', { hasText: 'Repository names are lower case' }] as const;
      await page(list, ['waitFor']);
      await page(['keyboard'], ['press', 'Enter']);
      await page(list, ['waitFor']);
      await screenshot('push-bad-reference');
      await page(['keyboard'], ['press', 'Escape']);
      await done;
      await assert.rejects(testRepository(host, 'demo/app').resolve('v1'), NotFoundError);
    });

    it('adds a registry that was not in the sidebar', async () => {
      await useRegistries();
      const local = host.replace('127.0.0.1', 'localhost');
      const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
      const { errors } = await pushByCommand([file], `${local}/new/registry:v1`);
      assert.deepEqual(errors, []);
      assert.deepEqual(
        registryHosts().map((entry) => entry.host),
        [local],
      );
      await useRegistries({ host, plainHttp: true });
    });
  });

  describe('pull', () => {
    const pushReadme = () =>
      pushByCommand([vscode.Uri.joinPath(workspaceFolder(), 'README.md')], `${host}/pull/one:v1`);

    it('asks once about what exists, and overwrites', async () => {
      await pushReadme();
      const folder = await newFolder();
      const file = path.join(folder.fsPath, 'README.md');
      await writeFile(file, 'mine');
      const shown = await pullByCommand([host, 'pull/one', 'v1'], folder, { warning: 'Overwrite' });
      assert.equal(shown.warnings.length, 1);
      assert.match(shown.details.join(), /README\.md/);
      assert.notEqual(await readFile(file, 'utf8'), 'mine');
    });

    it('keeps what exists when told so', async () => {
      const folder = await newFolder();
      const file = path.join(folder.fsPath, 'README.md');
      await writeFile(file, 'mine');
      await pullByCommand([host, 'pull/one', 'v1'], folder, { warning: 'Keep existing' });
      assert.equal(await readFile(file, 'utf8'), 'mine');
    });

    it('writes nothing when the question is cancelled', async () => {
      const folder = await newFolder();
      await mkdir(path.join(folder.fsPath, 'README.md'));
      await pullByCommand([host, 'pull/one', 'v1'], folder);
      assert.deepEqual(await readdir(folder.fsPath, { recursive: true }), ['README.md']);
    });

    it('takes a typed digest reference from the palette', async () => {
      const { digest } = await testRepository(host, 'pull/one').resolve('v1');
      const folder = await newFolder();
      const shown = await answering({ open: [folder] }, async () => {
        const done = vscode.commands.executeCommand(commandIds.pull);
        await answerInput('Pull OCI artifact', `${host}/pull/one@${digest}`);
        await done;
      });
      assert.match(shown.information.join(), /^Pulled 1 file/);
      assert.deepEqual(await readdir(folder.fsPath), ['README.md']);
    });

    it('explains an artifact without titles', async () => {
      await pushText('pull/untitled', 'v1');
      const { information } = await pullByCommand([host, 'pull/untitled', 'v1'], await newFolder());
      assert.match(information.join(), /Nothing to pull .* 1 layer has no title/);
    });

    it('names what was not found', async () => {
      const { errors } = await pullByCommand([host, 'pull/one', 'missing'], await newFolder());
      assert.match(errors.join(), /pull\/one:missing was not found/);
    });

    it('leaves nothing behind when the content is not what the manifest says', async () => {
      const target = testRepository(host, 'pull/broken');
      const blob = textBlob('right');
      const annotations = { 'org.opencontainers.image.title': 'file.txt' };
      const titled = { ...blob, descriptor: { ...blob.descriptor, annotations } };
      await target.tag(await pushArtifact(target, [titled]), 'v1');
      const hex = blob.descriptor.digest.slice('sha256:'.length);
      await writeFile(path.join(registry.root, 'pull/broken/blobs/sha256', hex), 'wrong');
      const folder = await newFolder();
      const { errors } = await pullByCommand([host, 'pull/broken', 'v1'], folder);
      assert.match(errors.join(), /not what was asked for: expected sha256:[0-9a-f]{64}, got sha256:/);
      assert.deepEqual(await readdir(folder.fsPath), []);
    });
  });

  describe('delete', () => {
    it('says what goes, and deletes after a yes', async () => {
      await pushText('delete/yes', 'v1');
      const shown = await run(commandIds.delete, [row(host, 'delete/yes', 'v1')], { warning: 'Delete' });
      assert.match(shown.details.join(), /deletes the manifest sha256:[0-9a-f]{64}\. This cannot be undone/);
      await assert.rejects(testRepository(host, 'delete/yes').resolve('v1'), NotFoundError);
    });

    it('deletes nothing after a no', async () => {
      await pushText('delete/no', 'v1');
      await run(commandIds.delete, [row(host, 'delete/no', 'v1')]);
      assert.ok(await testRepository(host, 'delete/no').resolve('v1'));
    });
  });

  describe('remove tag', () => {
    it('says what stays, and removes the one tag after a yes', async () => {
      const target = testRepository(host, 'untag/yes');
      const manifest = await pushArtifact(target, [textBlob('tagged twice')]);
      await target.tag(manifest, 'gone');
      await target.tag(manifest, 'kept');
      const shown = await run(commandIds.untag, [row(host, 'untag/yes', 'gone')], { warning: 'Remove' });
      assert.match(shown.details.join(), /Only this tag goes\. The manifest sha256:[0-9a-f]{64} stays/);
      assert.match(
        shown.information.join(),
        /^Removed the tag .*untag\/yes:gone\. sha256:[0-9a-f]{64} stays\.$/,
      );
      await assert.rejects(target.resolve('gone'), NotFoundError);
      assert.equal((await target.resolve('kept')).digest, manifest.descriptor.digest);
    });

    it('removes nothing after a no', async () => {
      await pushText('untag/no', 'v1');
      await run(commandIds.untag, [row(host, 'untag/no', 'v1')]);
      assert.ok(await testRepository(host, 'untag/no').resolve('v1'));
    });

    it('is in the menu of a tag', async () => {
      await openSidebar();
      const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
      await pushByCommand([file], `${host}/untag/menu:only-1`);
      const shown = await answering({ warning: 'Remove' }, async () => {
        await chooseFromRow('only-1', 'Remove tag…');
        await page(['locator', '.sidebar [aria-label^="only-1"]'], ['waitFor', { state: 'detached' }]);
      });
      assert.deepEqual(shown.errors, []);
      await assert.rejects(testRepository(host, 'untag/menu').resolve('only-1'), NotFoundError);
    });

    it('says what to do instead where docker-registry cannot', async function () {
      peerOrSkip(this, 'docker-registry');
      const docker = await startDockerRegistry({ deleteEnabled: true });
      await useRegistries({ host, plainHttp: true }, { host: docker.host, plainHttp: true });
      const target = testRepository(docker.host, 'untag/refused');
      await target.tag(await pushArtifact(target, [textBlob('kept')]), 'v1');
      const shown = await run(commandIds.untag, [row(docker.host, 'untag/refused', 'v1')], {
        warning: 'Remove',
      });
      assert.match(
        shown.errors.join(),
        /does not support removing a tag alone\. Nothing was removed\. Push something/,
      );
      assert.ok(await target.resolve('v1'));
      await useRegistries({ host, plainHttp: true });
      await docker.stop();
    });
  });

  describe('delete repository', () => {
    it('says that everything goes, and what to do instead where it cannot be done', async () => {
      await pushText('repository/kept', 'v1');
      const shown = await run(commandIds.deleteRepository, [row(host, 'repository/kept')], {
        warning: 'Delete',
      });
      assert.match(shown.details.join(), /Every tag and every artifact in it goes/);
      assert.match(
        shown.errors.join(),
        /does not support deleting repositories\. Nothing was deleted\. "Delete…"/,
      );
      assert.ok(await testRepository(host, 'repository/kept').resolve('v1'));
    });
  });

  describe('registries', () => {
    it('adds one that is typed', async () => {
      await useRegistries();
      await answering({}, async () => {
        const done = vscode.commands.executeCommand(commandIds.addRegistry);
        await answerInput('Add registry', host.replace('127.0.0.1', 'localhost'));
        await done;
      });
      assert.deepEqual(
        registryHosts().map((entry) => entry.host),
        [host.replace('127.0.0.1', 'localhost')],
      );
      await useRegistries({ host, plainHttp: true });
    });

    it('removes one from the sidebar, and undoes it', async () => {
      await run(commandIds.removeRegistry, [row(host)], { information: 'Undo' });
      assert.deepEqual(registryHosts(), [{ host, plainHttp: true }]);
      await run(commandIds.removeRegistry, [row(host)]);
      assert.deepEqual(registryHosts(), []);
      await useRegistries({ host, plainHttp: true });
    });

    it('adds a repository by name', async () => {
      const done = vscode.commands.executeCommand(commandIds.addRepository, row(host));
      await answerInput('Add repository', 'pull/one');
      await done;
      assert.deepEqual(registryHosts()[0]?.repositories, ['pull/one']);
      await useRegistries({ host, plainHttp: true });
    });

    it('skips verification only after a yes', async () => {
      await run(commandIds.skipVerification, [row(host)]);
      assert.deepEqual(registryHosts(), [{ host, plainHttp: true }]);
      await run(commandIds.skipVerification, [row(host)], { warning: 'Continue' });
      assert.deepEqual(registryHosts(), [{ host, plainHttp: true, insecure: true }]);
      await useRegistries({ host, plainHttp: true });
    });

    it('speaks plain HTTP only after a yes, and then reaches the registry', async () => {
      await pushText('plain/http', 'v1');
      await useRegistries({ host });
      await run(commandIds.usePlainHttp, [row(host)]);
      assert.deepEqual(registryHosts(), [{ host }]);
      const refused = await pullByCommand([host, 'plain/http', 'v1'], await newFolder());
      assert.match(refused.errors.join(), /does not speak TLS/);
      await run(commandIds.usePlainHttp, [row(host)], { warning: 'Continue' });
      assert.deepEqual(registryHosts(), [{ host, plainHttp: true }]);
      const { errors } = await pullByCommand([host, 'plain/http', 'v1'], await newFolder());
      assert.deepEqual(errors, []);
    });

    it('adds organizations beside those that a registry has', async () => {
      await useRegistries({ host, plainHttp: true, namespaces: ['one'] });
      const done = vscode.commands.executeCommand(commandIds.addNamespace, row(host));
      await answerInput(`of ${host}`, 'two, three');
      await done;
      assert.deepEqual(registryHosts(), [{ host, plainHttp: true, namespaces: ['one', 'two', 'three'] }]);
      await useRegistries({ host, plainHttp: true });
    });

    it('trusts a chosen CA file', async () => {
      await useMachine();
      const file = vscode.Uri.file(path.join((await newFolder()).fsPath, 'ca.pem'));
      await run(commandIds.chooseCaFile, [row(host)], { open: [file] });
      assert.deepEqual(registryHosts(), [{ host, plainHttp: true }]);
      assert.deepEqual(storedMachine(), { [host]: { caFile: file.fsPath } });
      await useMachine();
    });

    it('ignores what a workspace says about registries', async () => {
      const folder = path.join(workspaceFolder().fsPath, '.vscode');
      await mkdir(folder, { recursive: true });
      const evil = { 'ociArtifacts.registries': [{ host, insecure: true, plainHttp: false }] };
      await writeFile(path.join(folder, 'settings.json'), JSON.stringify(evil));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await pushText('workspace/ignored', 'v1');
      const { errors } = await pullByCommand([host, 'workspace/ignored', 'v1'], await newFolder());
      assert.deepEqual(errors, []);
    });
  });

  describe('the local registry', () => {
    it('starts, shows in the sidebar as local, keeps what is pushed, and stops', async () => {
      const started = await run(commandIds.startLocalRegistry, []);
      const local = /at (127\.0\.0\.1:\d+)/.exec(started.information.join())?.[1] ?? '';
      assert.notEqual(local, '');
      await openSidebar();
      await vscode.commands.executeCommand('workbench.actions.treeView.ociArtifacts.registries.collapseAll');
      await seeRow(local);
      const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
      const pushed = await pushByCommand([file], `${local}/kept/readme:v1`);
      assert.deepEqual(pushed.errors, []);
      await run(commandIds.stopLocalRegistry, []);
      const refused = await pullByCommand([local, 'kept/readme', 'v1'], await newFolder());
      assert.match(refused.errors.join(), /ECONNREFUSED/);
      await run(commandIds.startLocalRegistry, []);
      const pulled = await pullByCommand([local, 'kept/readme', 'v1'], await newFolder());
      assert.match(pulled.information.join(), /^Pulled 1 file/);
      await run(commandIds.stopLocalRegistry, []);
    });

    it('offers itself where docker and podman are missing', async () => {
      const { warnings, errors } = await run(commandIds.startDockerRegistry, []);
      assert.deepEqual(errors, []);
      assert.match(warnings.join(), /Neither docker nor podman .*needs neither/);
    });
  });

  describe('the rest', () => {
    it('opens the log, in which each request has a line', async () => {
      await useRegistries({ host, plainHttp: true });
      await pullByCommand([host, 'pull/one', 'v1'], await newFolder());
      await run(commandIds.showLog, []);
      const text = await logText('/v2/pull/one/manifests/');
      assert.match(text, /GET http:\/\/[\d.:]+\/v2\/pull\/one\/manifests\/\S+ 200 \d+ ms/);
      await vscode.commands.executeCommand('workbench.action.closePanel');
    });

    it('pulls from the menu of a row', async () => {
      await openSidebar();
      await vscode.commands.executeCommand(commandIds.refresh);
      const folder = await newFolder();
      const shown = await answering({ open: [folder] }, async () => {
        await pushByCommand([vscode.Uri.joinPath(workspaceFolder(), 'README.md')], `${host}/menu/pull:row-1`);
        await chooseFromRow('row-1', 'Pull…');
        for (const end = Date.now() + 10_000; Date.now() < end;) {
          if ((await readdir(folder.fsPath)).includes('README.md')) break;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      });
      assert.deepEqual(shown.errors, []);
      assert.deepEqual(await readdir(folder.fsPath), ['README.md']);
    });
  });
});

/** The text of the output channel that is shown, once it has `part`. */
async function logText(part: string): Promise<string> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const texts = vscode.workspace.textDocuments
      .filter(({ uri }) => uri.scheme === 'output')
      .map((document) => document.getText());
    const found = texts.find((text) => text.includes(part));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`No output has ${part}`);
}
