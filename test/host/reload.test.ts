import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileBlob, pushArtifact } from '../support/artifacts';
import { startMeteredProxy, type MeteredProxy } from '../support/meteredProxy';
import { useEmbeddedRegistry } from './support/embedded';
import { newFolder } from './support/flows';
import { hasPage } from './support/page';
import { useRegistries } from './support/registries';
import { SecondWindow } from './support/secondWindow';
import { removeTransfers } from './support/transfers';

const MIB = 1024 * 1024;
const bytes = randomBytes(24 * MIB);

describe('a window that is reloaded in the midst of a pull', () => {
  const registry = useEmbeddedRegistry();
  let proxy: MeteredProxy;
  let window: SecondWindow;
  let folder: string;

  before(async function () {
    if (!hasPage()) this.skip();
    const target = registry.repository('reload/large');
    await target.tag(await pushArtifact(target, [fileBlob('large.bin', bytes)]), 'v1');
    proxy = await startMeteredProxy(registry.host, 200 * MIB);
    await useRegistries({ host: proxy.host, plainHttp: true });
    await removeTransfers();
    folder = (await newFolder()).fsPath;
    window = await SecondWindow.open(folder, {
      pulls: { large: { from: `${proxy.host}/reload/large:v1`, into: 'out' } },
    });
    await window.openView();
    await window.seeRow(proxy.host);
  });
  after(async () => {
    if (!hasPage()) return;
    await window.close();
    await removeTransfers();
    await proxy.stop();
  });

  const title = () => `Pull ${proxy.host}/reload/large:v1`;

  it('lists the pull as interrupted, and goes on with it behind the last byte', async () => {
    const before = proxy.answeredBytes();
    proxy.holdAfterAnswers(bytes.length / 2);
    await window.palette('OCI Artifacts: Pull defined artifact…');
    await window.chooseItem('Definition to pull', 'large');
    await window.seePercent(title(), 4);
    await window.reload();
    await window.openView();
    await window.seePercent(`${title()}, interrupted`, 4);
    const names = await readdir(path.join(folder, 'out')).catch(() => []);
    assert.deepEqual(
      names.filter((name) => !name.startsWith('.oci-pull-')),
      [],
    );
    await proxy.mend();
    await window.chooseFromRow(`${title()}, interrupted`, 'Continue transfer');
    await window.goneRow(title());
    assert.ok(bytes.equals(await readFile(path.join(folder, 'out/large.bin'))));
    const twice = proxy.answeredBytes() - before - bytes.length;
    assert.ok(twice <= bytes.length / 100, `${twice} bytes came twice`);
  });
});
