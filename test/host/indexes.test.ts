import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { parseManifest } from '../../src/oci/manifest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { peerOrSkip } from '../support/peers';
import { answering } from './support/dialogs';
import { closeEditors, frontDocument } from './support/editors';
import { useEmbeddedRegistry } from './support/embedded';
import { row } from './support/flows';
import { answerInput } from './support/page';
import { tick } from './support/quickPick';

const run = promisify(execFile);

describe('indexes', () => {
  const registry = useEmbeddedRegistry();
  after(closeEditors);

  async function pushPlatforms(repository: string, ...architectures: readonly string[]): Promise<void> {
    const target = registry.repository(repository);
    for (const architecture of architectures) {
      const config = textBlob(JSON.stringify({ os: 'linux', architecture }), mediaTypes.ociConfig);
      await target.push(config.descriptor, sourceOf(config.bytes));
      const fields = { config: config.descriptor, artifactType: '' };
      await target.tag(await pushArtifact(target, [textBlob(architecture)], fields), architecture);
    }
  }

  async function create(repository: string, answer?: string) {
    const rows = ['amd64', 'arm64'].map((tag) => row(registry.host, repository, tag));
    return answering(answer ? { information: answer } : {}, async () => {
      const done = vscode.commands.executeCommand(commandIds.createIndex, rows[0], rows);
      await answerInput('(1/4)', 'amd64 arm64');
      await answerInput('(2/4)', 'v1');
      await answerInput('(3/4)', '');
      await answerInput('annotations (0)', '');
      await done;
    });
  }

  const entriesOf = async (repository: string, reference: string) => {
    const { bytes, descriptor } = await registry.repository(repository).readManifest(reference);
    const { manifests, annotations } = parseManifest(bytes, descriptor.mediaType);
    return { platforms: manifests.map(({ platform }) => platform?.architecture), annotations };
  };

  it('are made of selected rows, shown first, and have the digest that oras gives', async function () {
    const oras = peerOrSkip(this, 'oras');
    await pushPlatforms('index/create', 'amd64', 'arm64');
    const shown = await create('index/create', 'Push');
    assert.deepEqual(shown.errors, []);
    assert.match(shown.information[0] ?? '', /^Push this index of 2 manifests to .*index\/create as v1\?$/);
    await frontDocument('"architecture": "arm64"');
    const theirs = ['manifest', 'index', 'create', '--plain-http', `${registry.host}/index/create:oras`];
    await run(oras, [...theirs, 'amd64', 'arm64']);
    const target = registry.repository('index/create');
    assert.equal((await target.resolve('v1')).digest, (await target.resolve('oras')).digest);
  });

  it('are not pushed without a yes', async () => {
    await pushPlatforms('index/no', 'amd64', 'arm64');
    await create('index/no');
    await assert.rejects(registry.repository('index/no').resolve('v1'));
  });

  it('are updated: one out, one in, other annotations, and the tag moves', async () => {
    await pushPlatforms('index/update', 'amd64', 'arm64', 's390x');
    await create('index/update', 'Push');
    const shown = await answering({ information: 'Push' }, async () => {
      const argument = row(registry.host, 'index/update', 'v1');
      const done = vscode.commands.executeCommand(commandIds.updateIndex, argument);
      await tick('what to change', 'Add manifests', 'Remove manifests', 'Change annotations');
      await answerInput('manifests to add', 's390x');
      await tick('manifests to remove', 'linux/amd64');
      await answerInput('annotations (0)', 'note=updated');
      await answerInput('annotations (1)', '');
      await answerInput(': tags', 'v1');
      await done;
    });
    assert.deepEqual(shown.errors, []);
    assert.match(shown.details.join(), /"v1" moves from [0-9a-f]{12} to [0-9a-f]{12}\./);
    assert.deepEqual(await entriesOf('index/update', 'v1'), {
      platforms: ['arm64', 's390x'],
      annotations: { note: 'updated' },
    });
  });

  it('say so when a tag is no index', async () => {
    await registry.pushText('index/none', 'one', 'v1');
    const { errors } = await answering({}, async () =>
      vscode.commands.executeCommand(commandIds.updateIndex, row(registry.host, 'index/none', 'v1')),
    );
    assert.match(errors.join(), /was not updated: .* it is no index/);
  });
});
