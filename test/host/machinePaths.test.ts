import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { makeAuthority } from '../support/certificateAuthority';
import { answering } from './support/dialogs';
import { newFolder } from './support/flows';
import { hasPage } from './support/page';
import { storedMachine, useMachine, useRegistries } from './support/registries';
import { clickRow, expandRow, openSidebar, seeRow } from './support/sidebar';

const MISSING = '/Users/dev/certs/company.pem';

describe('a path that another machine put into the registries setting', () => {
  let registry: LocalRegistry;
  let other: LocalRegistry;
  let ca: string;

  before(async function () {
    this.timeout(60_000);
    if (!hasPage()) this.skip();
    const authority = await makeAuthority();
    ca = path.join((await newFolder()).fsPath, 'ca.pem');
    await writeFile(ca, authority.ca);
    await authority.dispose();
    registry = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    other = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    await useMachine();
    await openSidebar();
  });
  afterEach(async () => {
    await useRegistries();
    await useMachine();
  });
  after(async () => {
    await registry?.stop();
    await other?.stop();
  });

  const hostOf = ({ host, port }: LocalRegistry) => `${host}:${port}`;
  const stored = () => vscode.workspace.getConfiguration('ociArtifacts').inspect('registries')?.globalValue;

  it('is named in the row of that registry alone, which offers another file of this machine', async function () {
    this.timeout(60_000);
    const host = hostOf(registry);
    const entries = [
      { host, plainHttp: true, caFile: MISSING },
      { host: hostOf(other), plainHttp: true },
    ];
    await useRegistries(...entries);
    await seeRow(`${host}, plain HTTP, CA file is missing: ${MISSING}`);
    await expandRow(host);
    await seeRow(`CA file is missing: ${MISSING}, Choose file…`);
    await expandRow(hostOf(other));
    await seeRow('No repositories yet');
    await answering({ open: [vscode.Uri.file(ca)] }, async () => {
      await clickRow(`CA file is missing: ${MISSING}`);
      for (const end = Date.now() + 10_000; !storedMachine() && Date.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    assert.deepEqual(storedMachine(), { [host]: { caFile: ca } });
    assert.deepEqual(stored(), entries);
    await useRegistries(...entries.slice(0, 1));
    await seeRow('No repositories yet');
  });

  it('counts where the file is there', async () => {
    const host = hostOf(registry);
    await useRegistries({ host, plainHttp: true, caFile: ca });
    await expandRow(host);
    await seeRow('No repositories yet');
  });

  it('is not asked for where the machine has its own', async () => {
    const host = hostOf(registry);
    await useMachine({ [host]: { caFile: ca } });
    await useRegistries({ host, plainHttp: true, caFile: MISSING });
    await expandRow(host);
    await seeRow('No repositories yet');
  });

  it('is not written over where the setting of the machine is not understood', async () => {
    const host = hostOf(registry);
    await useRegistries({ host, plainHttp: true });
    for (const value of [{ [host]: 'ca.pem' }, ['ca.pem']]) {
      const configuration = vscode.workspace.getConfiguration('ociArtifacts');
      await configuration.update('machine', value, vscode.ConfigurationTarget.Global);
      const { errors } = await answering({ open: [vscode.Uri.file(ca)] }, async () =>
        vscode.commands.executeCommand('ociArtifacts.chooseCaFile', { target: { host } }),
      );
      assert.match(errors.join(), /ociArtifacts\.machine cannot be used/);
      assert.deepEqual(storedMachine(), value);
    }
  });
});
