import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { manifestOf, sourceOf } from '../support/artifacts';
import { answering } from './support/dialogs';
import { closeEditors, frontDocument } from './support/editors';
import { useEmbeddedRegistry } from './support/embedded';
import { row } from './support/flows';
import { answerInput } from './support/page';
import { expandRow, openSidebar, seeRow } from './support/sidebar';

describe('referrers', () => {
  const registry = useEmbeddedRegistry();
  after(closeEditors);

  /** A subject, an SBOM of it, and a signature of the SBOM. */
  async function pushChain(repository: string) {
    const target = registry.repository(repository);
    const subject = await registry.pushText(repository, 'subject', 'v1');
    const sbom = manifestOf([], { artifactType: 'application/spdx+json', subject: subject.descriptor });
    await target.push(sbom.descriptor, sourceOf(sbom.bytes));
    const artifactType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const signature = manifestOf([], { artifactType, subject: sbom.descriptor });
    await target.push(signature.descriptor, sourceOf(signature.bytes));
    return [subject, sbom, signature].map(({ descriptor }) => descriptor.digest);
  }

  async function show(place: string, type: string, depth: string, part: string): Promise<string> {
    const [repository = '', tag = 'v1'] = place.split(':');
    const shown = await answering({}, async () => {
      const argument = row(registry.host, repository, tag);
      const done = vscode.commands.executeCommand(commandIds.showReferrers, argument);
      await answerInput('(1/2)', type);
      await answerInput('(2/2)', depth);
      await done;
    });
    assert.deepEqual(shown.errors, []);
    return (await frontDocument(part)).getText();
  }

  it('are shown as a tree, with what refers to them', async () => {
    const [subject, sbom, signature] = await pushChain('referrers/tree');
    assert.equal(
      await show('referrers/tree', '*', '', 'sigstore'),
      [
        `${registry.host}/referrers/tree:v1`,
        subject,
        `└── ${sbom}  application/spdx+json  (SBOM (SPDX))`,
        `    └── ${signature}  application/vnd.dev.sigstore.bundle.v0.3+json  (Signature)`,
        '',
      ].join('\n'),
    );
  });

  it('are narrowed by depth, which is said, and by type', async () => {
    await pushChain('referrers/narrow');
    const text = await show('referrers/narrow', '*', '1', 'not looked deeper');
    assert.doesNotMatch(text, /sigstore/);
    assert.match(await show('referrers/narrow', 'application/sarif+json', '', 'Nothing refers'), /Nothing/);
  });

  it('open to their own referrers in the sidebar', async () => {
    await pushChain('deep/chain');
    await vscode.commands.executeCommand(commandIds.refresh);
    await openSidebar();
    for (const label of [registry.host, 'deep', 'v1', 'Referrers', 'SBOM (SPDX)']) await expandRow(label);
    await seeRow('Referrers');
  });

  it('are shown by the tags of cosign, too', async () => {
    const { descriptor } = await registry.pushText('cosigned/image', 'subject', 'signed');
    const tag = `${descriptor.digest.replace(':', '-')}.sig`;
    await registry.pushText('cosigned/image', 'signature', tag);
    assert.match(
      await show('cosigned/image:signed', '*', '', tag),
      /└── sha256:.*Signature \(cosign's tag\)/,
    );
    await vscode.commands.executeCommand(commandIds.refresh);
    await openSidebar();
    // Only one row named Referrers may be drawn: another artifact's is open from the test before.
    await vscode.commands.executeCommand('workbench.actions.treeView.ociArtifacts.registries.collapseAll');
    for (const label of [registry.host, 'cosigned', 'signed', 'Referrers']) await expandRow(label);
    await seeRow("Signature (cosign's tag)");
  });
});
