import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { digestOf } from '../../src/oci/digest';
import { parseManifest } from '../../src/oci/manifest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { fileBlob, pushArtifact } from '../support/artifacts';
import { startMeteredProxy, type MeteredProxy } from '../support/meteredProxy';
import { answering, type Shown } from './support/dialogs';
import { useEmbeddedRegistry } from './support/embedded';
import { newFolder, pullByCommand, pushByCommand } from './support/flows';
import { useRegistries } from './support/registries';
import { chooseFromRow, openSidebar, seePercent, seeRow } from './support/sidebar';
import { continueByRow, goneRow } from './support/transfers';

const MIB = 1024 * 1024;
const bytes = randomBytes(24 * MIB);

describe('transfers', function () {
  const registry = useEmbeddedRegistry();
  let proxy: MeteredProxy;

  before(async () => {
    const target = registry.repository('cut/large');
    await target.tag(await pushArtifact(target, [fileBlob('large.bin', bytes)]), 'v1');
    proxy = await startMeteredProxy(registry.host, 200 * MIB);
    await useRegistries({ host: proxy.host, plainHttp: true });
    await openSidebar();
  });
  after(() => proxy.stop());

  const pullRow = () => `Pull ${proxy.host}/cut/large:v1`;
  const pull = (folder: vscode.Uri) => pullByCommand([proxy.host, 'cut/large', 'v1'], folder);
  const continued = (state: string) => continueByRow(pullRow(), state);
  const assertPulled = async (folder: vscode.Uri, shown: Shown, answeredBefore: number) => {
    assert.deepEqual(shown.errors, []);
    assert.match(shown.information.join(), /^Pulled 1 file/);
    assert.deepEqual(await readdir(folder.fsPath), ['large.bin']);
    assert.ok(bytes.equals(await readFile(path.join(folder.fsPath, 'large.bin'))));
    const twice = proxy.answeredBytes() - answeredBefore - bytes.length;
    assert.ok(twice <= bytes.length / 100, `${twice} bytes came twice`);
  };

  it('show a pull that the network cut, and go on with it', async () => {
    const folder = await newFolder();
    const before = proxy.answeredBytes();
    proxy.holdAfterAnswers(0.6 * bytes.length);
    const pulled = pull(folder);
    await seePercent(pullRow(), 5);
    proxy.cut();
    const cut = await pulled;
    assert.match(cut.errors.join(), /^Pull of .* failed: /);
    await seePercent(`${pullRow()}, failed`, 5);
    assert.deepEqual(await readdir(folder.fsPath), []);
    await proxy.mend();
    await assertPulled(folder, await continued('failed'), before);
  });

  it('stop a pull by its row, say how far it is, and go on with it', async () => {
    const folder = await newFolder();
    const before = proxy.answeredBytes();
    await cancelledHalfway(folder);
    await assertPulled(folder, await continued('paused'), before);
  });

  it('remove a pull that stopped with what was received, after saying how much that is', async () => {
    const folder = await newFolder();
    await cancelledHalfway(folder);
    const shown = await answering({ warning: 'Remove' }, async () => {
      const label = `${pullRow()}, paused`;
      await chooseFromRow(label, 'Remove transfer…');
      await goneRow(pullRow());
    });
    assert.match(shown.details.join(), /^12\.\d MB that were received are deleted/);
    assert.deepEqual(await readdir(folder.fsPath), []);
  });

  it('remove all partial downloads by one command', async () => {
    await cancelledHalfway(await newFolder());
    const remove = (answer?: string) =>
      answering(answer ? { warning: answer } : {}, async () =>
        vscode.commands.executeCommand(commandIds.removePartialDownloads),
      );
    await remove();
    await seeRow(`${pullRow()}, paused`);
    const shown = await remove('Remove');
    assert.match(shown.details.join(), /^12\.\d MB that were received are deleted/);
    await goneRow(pullRow());
    const none = await remove();
    assert.deepEqual(none.information, ['There are no partial downloads.']);
  });

  it('go on with a push that the network cut', async () => {
    const file = vscode.Uri.joinPath(await newFolder(), 'pushed.bin');
    await writeFile(file.fsPath, bytes.subarray(0, 8 * MIB));
    const reference = `${proxy.host}/cut/pushed:v1`;
    proxy.cutAfterRequests(4 * MIB);
    const cut = await pushByCommand([file], reference);
    assert.match(cut.errors.join(), /^Push to .* failed: /);
    await proxy.mend();
    const shown = await continueByRow(`Push ${reference}`, 'failed');
    assert.deepEqual(shown.errors, []);
    const { layers } = parseManifest(
      (await registry.repository('cut/pushed').readManifest('v1')).bytes,
      mediaTypes.ociManifest,
    );
    assert.equal(layers[0]?.digest, digestOf(bytes.subarray(0, 8 * MIB)));
  });

  /** Cancels a pull by its row, once nothing more comes of it. */
  async function cancelledHalfway(folder: vscode.Uri): Promise<void> {
    proxy.holdAfterAnswers(bytes.length / 2);
    const pulled = pull(folder);
    const label = `${pullRow()}, 4`;
    await seePercent(pullRow(), 4);
    await chooseFromRow(label, 'Cancel transfer');
    // A menu whose row is drawn again while it opens closes without doing anything.
    const ended = await Promise.race([pulled, delay(5_000)]);
    if (!ended) await chooseFromRow(label, 'Cancel transfer');
    assert.deepEqual((await pulled).errors, []);
    await proxy.mend();
    await seePercent(`${pullRow()}, paused`, 4);
    assert.deepEqual(await readdir(folder.fsPath), []);
  }
});
