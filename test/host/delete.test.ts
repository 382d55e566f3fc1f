import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { NotFoundError } from '../../src/oci/errors';
import { manifestOf, sourceOf } from '../support/artifacts';
import { answering } from './support/dialogs';
import { useEmbeddedRegistry } from './support/embedded';
import { row } from './support/flows';

describe('what a delete takes along', () => {
  const registry = useEmbeddedRegistry();

  it('lists every other tag and every referrer before it is done', async () => {
    const target = registry.repository('delete/list');
    const { descriptor } = await registry.pushText('delete/list', 'one', 'v1', 'latest', 'stable');
    await registry.pushText('delete/list', 'two', 'v2');
    const sbom = manifestOf([], { artifactType: 'application/spdx+json', subject: descriptor });
    await target.push(sbom.descriptor, sourceOf(sbom.bytes));
    const shown = await answering({ warning: 'Delete' }, async () =>
      vscode.commands.executeCommand(commandIds.delete, row(registry.host, 'delete/list', 'v1')),
    );
    const detail = shown.details.join();
    assert.match(detail, /These 2 tags on it go too:\n• latest\n• stable\n/);
    assert.match(detail, /This refers to it and loses its subject:\n• SBOM \(SPDX\) \([0-9a-f]{12}\)$/);
    assert.deepEqual(shown.errors, []);
    await assert.rejects(target.resolve('latest'), NotFoundError);
    assert.ok(await target.resolve('v2'));
  });

  it('lists the tags of cosign, which stay', async () => {
    const { descriptor } = await registry.pushText('delete/signed', 'one', 'v1');
    const tag = `${descriptor.digest.replace(':', '-')}.sig`;
    await registry.pushText('delete/signed', 'signature', tag);
    const shown = await answering({ warning: 'Delete' }, async () =>
      vscode.commands.executeCommand(commandIds.delete, row(registry.host, 'delete/signed', 'v1')),
    );
    const detail = shown.details.join();
    assert.ok(detail.endsWith(`This tag of cosign is about it and stays:\n• signature, ${tag}`), detail);
    assert.ok(await registry.repository('delete/signed').resolve(tag));
  });

  it('lists ten of many and says how many more', async () => {
    const tags = Array.from({ length: 13 }, (_, at) => `t${String(at).padStart(2, '0')}`);
    await registry.pushText('delete/many', 'one', ...tags);
    const shown = await answering({}, async () =>
      vscode.commands.executeCommand(commandIds.delete, row(registry.host, 'delete/many', 't00')),
    );
    assert.match(shown.details.join(), /These 12 tags on it go too:\n• t01\n[^]*• t10\n… and 2 more$/);
    assert.ok(await registry.repository('delete/many').resolve('t05'));
  });
});
