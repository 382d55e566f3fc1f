import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { peerOrSkip } from '../support/peers';
import { flows } from './canary/flows';
import { Stage } from './canary/stage';
import { hasPage } from './support/page';
import { storeSignInsIn } from './support/registries';

/** What VS Code keeps in memory is on disk by then. */
const WRITTEN_WITHIN_MS = 20_000;

describe('a marked secret', function () {
  this.timeout(60_000);
  const stage = new Stage();
  /** The server's data and logs, the output of the suite, temporary files. */
  const runFolder = path.dirname(process.env['OCI_HOST_OUTPUT'] ?? '');
  /** Settings, the browser's profile with its storage, the docker config, what helpers wrote down. */
  const homeFolder = homedir();

  before(async function () {
    if (!hasPage()) this.skip();
    peerOrSkip(this, 'docker-registry');
    await vscode.extensions.getExtension('oci-artifacts.oci-artifacts')?.activate();
  });
  afterEach(() => stage.clear());
  after(async () => {
    await storeSignInsIn('ask');
    await rm(stage.keychain, { recursive: true, force: true });
  });

  for (const { name, run, peers = [] } of flows) {
    it(`shows nowhere during ${name}`, async function () {
      for (const needed of peers) peerOrSkip(this, needed);
      await run(stage);
      await stage.lookAround(name);
      assert.deepEqual(stage.sightings.splice(0), []);
    });
  }

  it('is in no file afterwards: logs, settings, state, the browser, the docker config, what helpers were given', async () => {
    const control = await untilControlIsWritten();
    assert.ok(
      control.some((file) => /\.log$/.test(file)),
      `the log lacks the control: ${control.join()}`,
    );
    assert.ok(
      control.some((file) => file.includes('IndexedDB')),
      `the state lacks the control: ${control.join()}`,
    );
    let searched = 0;
    for (const folder of [runFolder, homeFolder]) {
      const { files, found } = await stage.canary.sightingsBelow(folder, [stage.keychain]);
      assert.deepEqual(found, []);
      searched += files;
    }
    assert.ok(searched > 50, `only ${searched} files were searched`);
  });

  /** The files that hold what the extension logs and remembers on purpose. */
  async function untilControlIsWritten(): Promise<string[]> {
    for (const end = Date.now() + WRITTEN_WITHIN_MS; ;) {
      const sightings = [];
      for (const folder of [runFolder, homeFolder])
        sightings.push(...(await stage.control.sightingsBelow(folder)).found);
      const files = sightings.map(({ where }) => where);
      const isWritten =
        files.some((file) => file.endsWith('.log')) && files.some((file) => file.includes('IndexedDB'));
      if (isWritten || Date.now() > end) return files;
      await delay(500);
    }
  }
});
