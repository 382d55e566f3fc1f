import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { NotFoundError } from '../../src/oci/errors';
import { encodeImageIndex, parseManifest } from '../../src/oci/manifest';
import type { Descriptor } from '../../src/oci/descriptor';
import { digestOf, type Digest } from '../../src/oci/digest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import type { ManifestContent } from '../../src/oci/target';
import { deleteBlob } from '../../src/operations/blob';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { collect, manifestOf, pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { answering, type Answers, type Shown } from './support/dialogs';
import { newFolder, row } from './support/flows';
import { answerInput, chooseItem, hasPage, listedItems, page } from './support/page';
import { tick } from './support/quickPick';
import { useRegistries } from './support/registries';
import { chooseFromRow, expandRow, openSidebar, seeRow } from './support/sidebar';
import { testRepository } from './support/testRepository';
import { removeTransfers } from './support/transfers';

describe('copying', function () {
  const registries: LocalRegistry[] = [];
  const hosts: string[] = [];
  let subject: ManifestContent;
  let sbom: ManifestContent;

  before(async function () {
    if (!hasPage()) this.skip();
    while (registries.length < 2) {
      const registry = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
      registries.push(registry);
      hosts.push(`${registry.host}:${registry.port}`);
    }
    await useRegistries(...hosts.map((host) => ({ host, plainHttp: true })));
    const source = testRepository(from(), 'team/app');
    subject = await pushArtifact(source, [textBlob('content')]);
    await source.tag(subject, 'v1');
    sbom = manifestOf([], { artifactType: 'application/spdx+json', subject: subject.descriptor });
    await source.push(sbom.descriptor, sourceOf(sbom.bytes));
  });

  after(async () => {
    await useRegistries();
    await removeTransfers();
    for (const registry of registries) await registry.stop();
  });

  const from = () => hosts[0] ?? '';
  const to = () => hosts[1] ?? '';

  /** Answers the questions of the command in turn: part of the box's title, and what is typed. */
  const copyByCommand = (
    argument: unknown,
    questions: readonly (readonly [title: string, text: string])[],
    answers: Answers = {},
  ): Promise<Shown> =>
    answering(answers, async () => {
      const done = vscode.commands.executeCommand(commandIds.copy, argument);
      for (const [title, text] of questions) await answerInput(title, text);
      await done;
    });

  it('goes from the menu of a tag to another registry, and shows the tag there', async () => {
    await openSidebar();
    await expandRow(from());
    await expandRow('team/app');
    await seeRow('v1');
    const shown = await answering({}, async () => {
      await chooseFromRow('v1', 'Copy to…');
      await answerInput('to where', `${to()}/mirror/app:v1,latest`);
      await answerInput('with what', 'Without referrers');
      await seeRow('latest');
    });
    assert.deepEqual(shown.errors, []);
    const target = testRepository(to(), 'mirror/app');
    assert.deepEqual(await collect(target.tags()), ['latest', 'v1']);
    assert.deepEqual((await target.readManifest('latest')).bytes, Buffer.from(subject.bytes));
    assert.deepEqual(await collect(target.referrers(subject.descriptor)), []);
  });

  it('takes referrers along when told so, typed from the palette, and says how much moved', async () => {
    const shown = await copyByCommand(undefined, [
      ['from where', `${from()}/team/app:v1`],
      ['to where', `${to()}/mirror/signed:v1`],
      ['with what', 'With referrers'],
    ]);
    const target = testRepository(to(), 'mirror/signed');
    const found = await collect(target.referrers(subject.descriptor));
    assert.deepEqual(
      found.map(({ digest }) => digest),
      [sbom.descriptor.digest],
    );
    assert.match(shown.information.join(), /referrers sent: 1\)\. Digest: sha256:/);
  });

  /** An index of three platforms under the tag `v1`. */
  async function pushIndex(name: string): Promise<Record<'index' | 'amd64' | 'arm64' | 'riscv64', Digest>> {
    const source = testRepository(from(), name);
    const [amd64, arm64, riscv64] = ['amd64', 'arm64', 'riscv64'].map(async (architecture) => {
      const { descriptor } = await pushArtifact(source, [textBlob(architecture)]);
      return { ...descriptor, platform: { os: 'linux', architecture } };
    }) as [Promise<Descriptor>, Promise<Descriptor>, Promise<Descriptor>];
    const manifests = [await amd64, await arm64, await riscv64];
    const bytes = encodeImageIndex({ manifests });
    const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
    await source.push(descriptor, sourceOf(bytes));
    await source.tag({ descriptor, bytes }, 'v1');
    return {
      index: descriptor.digest,
      amd64: (await amd64).digest,
      arm64: (await arm64).digest,
      riscv64: (await riscv64).digest,
    };
  }

  it('copies one platform of an index', async () => {
    const pushed = await pushIndex('team/multi');
    await copyByCommand(row(from(), 'team/multi', 'v1'), [
      ['to where', `${to()}/mirror/multi:arm`],
      ['platform', 'linux/arm64'],
      ['with what', 'Without referrers'],
    ]);
    const target = testRepository(to(), 'mirror/multi');
    assert.equal((await target.resolve('arm')).digest, pushed.arm64);
    await assert.rejects(target.resolve(pushed.amd64), NotFoundError);
  });

  it('copies several platforms as a new index, and says before that its digest is another', async () => {
    const pushed = await pushIndex('team/several');
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.copy, row(from(), 'team/several', 'v1'));
      await answerInput('to where', `${to()}/mirror/several:two`);
      await chooseItem('platform', 'Several platforms…');
      await page(['getByPlaceholder', 'a new index with another digest'], ['waitFor']);
      await tick('several of the index', 'linux/amd64', 'linux/riscv64');
      await answerInput('with what', 'Without referrers');
      await done;
    });
    assert.deepEqual(shown.errors, []);
    const target = testRepository(to(), 'mirror/several');
    const { bytes, descriptor } = await target.readManifest('two');
    assert.deepEqual(
      parseManifest(bytes).manifests.map(({ digest }) => digest),
      [pushed.amd64, pushed.riscv64],
    );
    assert.notEqual(descriptor.digest, pushed.index);
    assert.match(shown.information.join(), new RegExp(`Digest: ${descriptor.digest}`));
    await assert.rejects(target.resolve(pushed.arm64), NotFoundError);
  });

  it('offers platforms by their names, and draws no icons that a registry put there', async () => {
    const source = testRepository(from(), 'team/icons');
    const { descriptor } = await pushArtifact(source, [textBlob('icon')]);
    const platforms = ['$(verified) one', 'x'.repeat(1_000)].map((os) => ({ os, architecture: 'arm64' }));
    const bytes = encodeImageIndex({ manifests: platforms.map((platform) => ({ ...descriptor, platform })) });
    const index = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
    await source.push(index, sourceOf(bytes));
    await source.tag({ descriptor: index, bytes }, 'v1');
    const done = vscode.commands.executeCommand(commandIds.copy, row(from(), 'team/icons', 'v1'));
    await answerInput('to where', `${to()}/mirror/icons:one`);
    await page(['getByText', '$ (verified) one/arm64'], ['first'], ['waitFor']);
    const items = await listedItems();
    assert.ok(items.some((item) => item.includes(`${'x'.repeat(200)}…`)));
    assert.ok(items.every((item) => item.length < 300));
    await answerInput('platform', '(verified)');
    await answerInput('with what', 'Without referrers');
    await done;
    const target = testRepository(to(), 'mirror/icons');
    assert.equal((await target.resolve('one')).digest, descriptor.digest);
  });

  it('fills a destination that has a part only, told to look for every blob or not', async () => {
    const { descriptor } = textBlob('content');
    const target = testRepository(to(), 'mirror/partial');
    const questions = [['to where', `${to()}/mirror/partial:v1`]] as const;
    const alone = [...questions, ['with what', 'Without referrers']] as const;
    await copyByCommand(row(from(), 'team/app', 'v1'), alone);
    await deleteBlob(target, descriptor.digest);
    await copyByCommand(row(from(), 'team/app', 'v1'), alone);
    assert.equal(await target.exists(descriptor), true);
    await deleteBlob(target, descriptor.digest);
    await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.copy, row(from(), 'team/app', 'v1'));
      for (const [title, text] of questions) await answerInput(title, text);
      await chooseItem('with what', 'More options…');
      await tick('options', 'Look for every blob');
      await done;
    });
    assert.equal(await target.exists(descriptor), true);
  });

  it('copies into a new layout folder, shows it in the sidebar, and from there to a registry', async () => {
    const folder = path.join((await newFolder()).fsPath, 'copied-layout');
    await copyByCommand(row(from(), 'team/app', 'v1'), [
      ['to where', `layout:${folder}:v1`],
      ['with what', 'With referrers'],
    ]);
    const layout = new OciLayout(folder);
    assert.equal((await layout.resolve('v1')).digest, subject.descriptor.digest);
    await seeRow('copied-layout');
    await copyByCommand(row(`layout:${path.dirname(folder)}`, 'copied-layout', 'v1'), [
      ['to where', `${to()}/from/layout:v1`],
      ['with what', 'With referrers'],
    ]);
    const target = testRepository(to(), 'from/layout');
    assert.equal((await target.resolve('v1')).digest, subject.descriptor.digest);
    assert.equal((await collect(target.referrers(subject.descriptor))).length, 1);
    await vscode.commands.executeCommand(
      commandIds.closeLayout,
      row(`layout:${path.dirname(folder)}`, 'copied-layout'),
    );
  });

  it('names the failure, and offers another try', async () => {
    const shown = await copyByCommand(row(from(), 'team/absent', 'v1'), [['to where', `${to()}/x/y:v1`]]);
    assert.match(shown.errors.join(), /Copy of .*team\/absent:v1 failed: .* was not found/);
    assert.deepEqual(shown.information, []);
  });
});
