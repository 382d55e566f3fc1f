import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../../src/host/commandIds';
import { annotationKeys } from '../../src/oci/annotations';
import { digestOf, shortDigest } from '../../src/oci/digest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import type { ManifestContent, Reader } from '../../src/oci/target';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { TarLayout } from '../../src/targets/layout/tarLayout';
import { collect, fileBlob, pushArtifact, sourceOf, type TestBlob } from '../support/artifacts';
import { startFaultyProxy, type FaultyProxy } from '../support/faultyProxy';
import { startMeteredProxy, type MeteredProxy } from '../support/meteredProxy';
import { answering, type Answers, type Shown } from './support/dialogs';
import { closeEditors } from './support/editors';
import { useEmbeddedRegistry } from './support/embedded';
import { newFolder, row, workspaceFolder } from './support/flows';
import { answerInput, chooseItem, hasPage } from './support/page';
import { useRegistries } from './support/registries';
import { openSidebar, seeRow } from './support/sidebar';
import { runTask, taskNamed, WorkspaceFiles } from './support/tasks';
import { continueByRow, removeTransfers } from './support/transfers';

const MIB = 1024 * 1024;
const blobs: readonly TestBlob[] = Array.from({ length: 12 }, () => {
  const bytes = randomBytes(MIB);
  return { bytes, descriptor: { mediaType: mediaTypes.octets, digest: digestOf(bytes), size: MIB } };
});
const TOTAL = blobs.length * MIB;

/** Answers the questions of a command in turn: part of the box's title, and what is typed. */
const byCommand = (
  command: CommandId,
  args: readonly unknown[],
  questions: readonly (readonly [title: string, text: string])[],
  answers: Answers = {},
): Promise<Shown> =>
  answering(answers, async () => {
    const done = vscode.commands.executeCommand(command, ...args);
    for (const [title, text] of questions) await answerInput(title, text);
    await done;
  });

describe('transfers that were cut on the way', function () {
  const registry = useEmbeddedRegistry();
  let proxy: MeteredProxy;
  let app: ManifestContent;
  let folder: string;

  before(async function () {
    if (!hasPage()) this.skip();
    const source = registry.repository('kinds/app');
    app = await pushArtifact(source, blobs);
    await source.tag(app, 'v1');
    proxy = await startMeteredProxy(registry.host, 400 * MIB);
    folder = (await newFolder()).fsPath;
    await useRegistries(...[registry.host, proxy.host].map((host) => ({ host, plainHttp: true })));
    await removeTransfers();
    await openSidebar();
  });
  after(async () => {
    if (!hasPage()) return;
    await removeTransfers();
    await proxy.stop();
  });

  const at = (name: string) => path.join(folder, name);
  /** How many bytes of the blobs a target has. */
  const bytesIn = async (target: Pick<Reader, 'exists'>) => {
    const found = await Promise.all(blobs.map(({ descriptor }) => target.exists(descriptor)));
    return found.filter(Boolean).length * MIB;
  };
  const assertWhole = async (target: Reader, tag: string) => {
    assert.equal((await target.resolve(tag)).digest, app.descriptor.digest);
    assert.equal(await bytesIn(target), TOTAL);
  };
  /** Goes on; what was there did not move again. */
  const assertContinued = async (title: string, thereBytes: number, moved: () => number) => {
    const before = moved();
    await proxy.mend();
    const { errors } = await continueByRow(title, 'failed');
    assert.deepEqual(errors, []);
    assert.ok(thereBytes >= 2 * MIB, `only ${thereBytes} bytes were there`);
    const twice = moved() - before - (TOTAL - thereBytes);
    assert.ok(twice <= TOTAL / 100, `${twice} bytes came twice`);
  };
  /** Every blob of a layout whole, and nothing that was not finished. */
  const assertNothingHalf = async (layout: string) => {
    const names = await readdir(path.join(layout, 'blobs/sha256'));
    for (const name of names)
      assert.equal(digestOf(await readFile(path.join(layout, 'blobs/sha256', name))), `sha256:${name}`);
    assert.deepEqual(await readdir(path.join(layout, '.ingest')), []);
    assert.deepEqual(await collect(new OciLayout(layout).tags()), []);
  };

  it('go on with a copy to another registry', async () => {
    const to = `${proxy.host}/kinds/copied:v1`;
    proxy.cutAfterRequests(0.6 * TOTAL);
    const cut = await byCommand(
      commandIds.copy,
      [row(registry.host, 'kinds/app', 'v1')],
      [
        ['to where', to],
        ['with what', 'Without referrers'],
      ],
    );
    assert.match(cut.errors.join(), /^Copy of .* failed: /);
    const title = `Copy ${registry.host}/kinds/app:v1 to ${to}`;
    await seeRow(`${title}, failed`);
    const target = registry.repository('kinds/copied');
    // The tag moves on meanwhile: it is the copy that was begun that goes on.
    await registry.pushText('kinds/app', 'newer', 'v1');
    await assertContinued(title, await bytesIn(target), proxy.askedBytes);
    await registry.repository('kinds/app').tag(app, 'v1');
    await assertWhole(target, 'v1');
  });

  const backUp = (name: string) =>
    byCommand(
      commandIds.backup,
      [row(proxy.host, 'kinds/app')],
      [
        ['all tags or some', 'All tags'],
        ['with what', 'With referrers'],
      ],
      { save: vscode.Uri.file(at(name)) },
    );

  it('go on with a backup to a folder, in which nothing half done shows', async () => {
    proxy.cutAfterAnswers(0.6 * TOTAL);
    const cut = await backUp('backup');
    assert.match(cut.errors.join(), /^Backup of .* failed: /);
    const title = `Back up ${proxy.host}/kinds/app to ${at('backup')}`;
    await seeRow(`${title}, failed`);
    await assertNothingHalf(at('backup'));
    const layout = new OciLayout(at('backup'));
    await assertContinued(title, await bytesIn(layout), proxy.answeredBytes);
    await assertWhole(layout, 'v1');
    assert.deepEqual(await collect(layout.tags()), ['v1']);
  });

  it('go on with a backup to a .tar, of which nothing shows before it is whole', async () => {
    proxy.cutAfterAnswers(0.8 * TOTAL);
    const names = await readdir(folder);
    const cut = await backUp('backup.tar');
    assert.match(cut.errors.join(), /^Backup of .* failed: /);
    const title = `Back up ${proxy.host}/kinds/app to ${at('backup.tar')}`;
    await seeRow(`${title}, failed`);
    assert.deepEqual(await readdir(folder), names);
    // All that came but for the three blobs that were under way.
    await assertContinued(title, 0.8 * TOTAL - 3 * MIB, proxy.answeredBytes);
    await assertWhole(await TarLayout.open(at('backup.tar')), 'v1');
    assert.deepEqual(await readdir(folder), [...names, 'backup.tar'].sort());
  });

  it('go on with a restore', async () => {
    proxy.cutAfterRequests(0.6 * TOTAL);
    const cut = await byCommand(
      commandIds.restore,
      [vscode.Uri.file(at('backup'))],
      [
        ['to which repository', `${proxy.host}/kinds/restored`],
        ['all tags or some', 'All tags'],
        ['with what', 'Without referrers'],
      ],
    );
    assert.match(cut.errors.join(), /backup was not restored: /);
    const title = `Restore ${at('backup')} to ${proxy.host}/kinds/restored`;
    await seeRow(`${title}, failed`);
    const target = registry.repository('kinds/restored');
    await assertContinued(title, await bytesIn(target), proxy.askedBytes);
    await assertWhole(target, 'v1');
  });

  it('go on with the push of a blob', async () => {
    const file = at('alone.bin');
    const bytes = randomBytes(MIB);
    await writeFile(file, bytes);
    proxy.cutAfterRequests(MIB / 2);
    const cut = await byCommand(commandIds.pushBlob, [row(proxy.host, 'kinds/blob')], [], {
      open: [vscode.Uri.file(file)],
    });
    assert.match(cut.errors.join(), /^alone\.bin was not pushed: /);
    await proxy.mend();
    const title = `Push blob alone.bin to ${proxy.host}/kinds/blob`;
    assert.deepEqual((await continueByRow(title, 'failed')).errors, []);
    const digest = digestOf(bytes);
    const descriptor = { mediaType: mediaTypes.octets, digest, size: MIB };
    assert.equal(await registry.repository('kinds/blob').exists(descriptor), true);
  });

  it('go on with the saving of a blob to a file, behind the last byte', async () => {
    const bytes = randomBytes(TOTAL);
    const descriptor = { mediaType: mediaTypes.octets, digest: digestOf(bytes), size: TOTAL };
    await registry.repository('kinds/large').push(descriptor, sourceOf(bytes));
    proxy.cutAfterAnswers(0.6 * TOTAL);
    const target = { host: proxy.host, repository: 'kinds/large', descriptor };
    const cut = await byCommand(commandIds.saveBlob, [{ target }], [], {
      save: vscode.Uri.file(at('saved.bin')),
    });
    assert.match(cut.errors.join(), /^blob .* was not saved: /);
    const title = `Save blob ${shortDigest(descriptor.digest)} of ${proxy.host}/kinds/large`;
    await seeRow(`${title}, failed`);
    await assertContinued(title, 0.6 * TOTAL - MIB, proxy.answeredBytes);
    assert.equal(digestOf(await readFile(at('saved.bin'))), descriptor.digest);
  });

  it('go on with the pull of a task, by running it again', async () => {
    const target = registry.repository('kinds/titled');
    const titled = blobs.map(({ bytes }, number) => fileBlob(`${number}.bin`, bytes));
    await target.tag(await pushArtifact(target, titled), 'v1');
    const from = `${proxy.host}/kinds/titled:v1`;
    const files = new WorkspaceFiles();
    await files.write({ '.oci/artifacts.json': { pulls: { large: { from, into: 'out-task/large' } } } });
    try {
      proxy.cutAfterAnswers(0.6 * TOTAL);
      assert.equal(await runTask(await taskNamed('pull large')), 1);
      await openSidebar();
      await seeRow(`Pull ${from}, failed`);
      await assertContinued(`Pull ${from}`, 0.6 * TOTAL - 4 * MIB, proxy.answeredBytes);
      for (const { bytes, descriptor } of titled) {
        const title = descriptor.annotations?.[annotationKeys.title] ?? '';
        const file = path.join(workspaceFolder().fsPath, 'out-task/large', title);
        assert.equal(digestOf(await readFile(file)), digestOf(bytes));
      }
    } finally {
      await files.remove();
      await vscode.commands.executeCommand('workbench.action.closePanel');
    }
  });
});

describe('transfers of which the last answer was lost', () => {
  const registry = useEmbeddedRegistry();
  let proxy: FaultyProxy;
  /** The registry takes a manifest, and nobody hears of it. */
  let isDeaf = false;

  before(async function () {
    if (!hasPage()) this.skip();
    proxy = await startFaultyProxy({
      upstream: registry.host,
      faultFor: ({ method, path }) =>
        isDeaf && method === 'PUT' && path.includes('/manifests/')
          ? { fault: { kind: 'cut', moment: 'after' }, place: 0 }
          : undefined,
    });
    await useRegistries({ host: proxy.host, plainHttp: true });
    await removeTransfers();
    await openSidebar();
  });
  after(async () => {
    if (!hasPage()) return;
    await closeEditors();
    await removeTransfers();
    await proxy.stop();
  });
  beforeEach(() => void (isDeaf = true));

  const assertContinued = async (title: string) => {
    await seeRow(`${title}, failed`);
    isDeaf = false;
    assert.deepEqual((await continueByRow(title, 'failed')).errors, []);
  };

  it('attach a second time what was attached, as the same attachment', async () => {
    const subject = await registry.pushText('lost/app', 'subject', 'v1');
    const file = vscode.Uri.joinPath(await newFolder(), 'app.spdx.json');
    await writeFile(file.fsPath, '{"spdxVersion":"SPDX-2.3"}');
    const cut = await byCommand(
      commandIds.attach,
      [file, [file]],
      [
        ['subject', `${proxy.host}/lost/app:v1`],
        ['artifact type', 'application/spdx+json'],
        ['annotations (0)', ''],
      ],
    );
    assert.match(cut.errors.join(), /^Nothing was attached to /);
    const target = registry.repository('lost/app');
    const attached = await collect(target.referrers(subject.descriptor));
    assert.equal(attached.length, 1);
    // Another second and another manifest under the tag: a new attempt would not be the same attachment.
    await registry.pushText('lost/app', 'newer', 'v1');
    const madeAt = attached[0]?.annotations?.['org.opencontainers.image.created'];
    await untilAfter(madeAt);
    await assertContinued(`Attach to ${proxy.host}/lost/app:v1`);
    assert.deepEqual(await collect(target.referrers(subject.descriptor)), attached);
    assert.deepEqual(await collect(target.referrers(await target.resolve('v1'))), []);
  });

  it('push a Helm chart again', async () => {
    const chart = vscode.Uri.joinPath(workspaceFolder(), 'charts/greeter');
    const cut = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.push, chart, [chart]);
      await chooseItem('How to push charts/greeter', 'Helm chart (as helm push does)');
      await answerInput('where to', `${proxy.host}/lost`);
      await done;
    });
    const [, reference = ''] = /^Push to (\S+) failed: /.exec(cut.errors.join()) ?? [];
    const target = registry.repository('lost/greeter');
    const tags = () => collect(target.tags());
    await assertContinued(`Push Helm chart ${reference}`);
    assert.deepEqual(await tags(), [reference.slice(reference.lastIndexOf(':') + 1)]);
  });

  it('push an index again', async () => {
    const target = registry.repository('lost/index');
    await registry.pushText('lost/index', 'one', 'one');
    await registry.pushText('lost/index', 'two', 'two');
    const rows = ['one', 'two'].map((tag) => row(proxy.host, 'lost/index', tag));
    const cut = await byCommand(
      commandIds.createIndex,
      [rows[0], rows],
      [
        ['(1/4)', 'one two'],
        ['(2/4)', 'v1'],
        ['(3/4)', ''],
        ['annotations (0)', ''],
      ],
      { information: 'Push' },
    );
    assert.match(cut.errors.join(), /^No index was made in /);
    await openSidebar();
    await assertContinued(`Push index ${proxy.host}/lost/index:v1`);
    assert.equal((await target.resolve('v1')).mediaType, mediaTypes.ociIndex);
  });
});

/** Waits until the clock shows another second than `text`. */
async function untilAfter(text = ''): Promise<void> {
  const waitMs = Date.parse(text) + 1000 - Date.now();
  assert.ok(!Number.isNaN(waitMs), `"${text}" is no time`);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
}
