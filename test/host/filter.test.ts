import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { pushArtifact, textBlob } from '../support/artifacts';
import { newFolder } from './support/flows';
import { answerInput, hasPage, page, screenshot } from './support/page';
import { useRegistries } from './support/registries';
import { chooseFromRow, expandRow, openSidebar, rowLabels, seeRow } from './support/sidebar';
import { testRepository } from './support/testRepository';

const DIGEST_TAG = `sha256-${'a'.repeat(64)}`;
const MANY = 250;

describe('filtering and sorting', function () {
  let registry: LocalRegistry;
  let host: string;
  const requests: string[] = [];

  before(async function () {
    this.timeout(60_000);
    if (!hasPage()) this.skip();
    registry = await startLocalRegistry({
      root: (await newFolder()).fsPath,
      port: 0,
      onRequest: ({ method, url }) => requests.push(`${method} ${url}`),
    });
    host = `${registry.host}:${registry.port}`;
    const many = testRepository(host, 'filter/many');
    const manifest = await pushArtifact(many, [textBlob('many')]);
    for (let number = 1; number <= MANY; number++)
      await many.tag(manifest, `a${String(number).padStart(3, '0')}`);
    await many.tag(manifest, 'wanted');
    const few = testRepository(host, 'filter/few');
    const other = await pushArtifact(few, [textBlob('few')]);
    for (const tag of ['1.0.0', '1.10.0', '1.9.0', 'latest', DIGEST_TAG]) await few.tag(other, tag);
    await useRegistries({ host, plainHttp: true });
    await openSidebar();
    await expandRow(host);
    await expandRow('filter');
  });

  after(async () => {
    await sortBy('Registry order');
    await useRegistries();
    await registry?.stop();
  });

  const collapse = () =>
    vscode.commands.executeCommand('workbench.actions.treeView.ociArtifacts.registries.collapseAll');
  const gone = (label: string) =>
    page(['locator', `.sidebar [role=treeitem][aria-label^="${label}"]`], ['waitFor', { state: 'detached' }]);
  const sortBy = async (label: string) => {
    const done = vscode.commands.executeCommand(commandIds.sortTags);
    await answerInput('Sort tags by', label);
    await done;
  };
  const tagsOfFew = async () =>
    (await rowLabels()).filter((label) => /^(\d|latest|sha256)/.test(label) && label !== host);

  it('finds a tag behind pages that were not shown, by the menu of its repository', async () => {
    requests.length = 0;
    await chooseFromRow('many', 'Filter…');
    await answerInput('Filter tags of', 'want*');
    await seeRow('wanted');
    await seeRow('many, filter: want*');
    assert.deepEqual(requests, [
      'GET /v2/filter/many/tags/list?n=100',
      'GET /v2/filter/many/tags/list?n=1000',
    ]);
    await screenshot('sidebar-filter');
    await chooseFromRow('many, filter', 'Clear filter');
    await gone('many, filter');
    await seeRow('a001');
  });

  it('says when nothing matches', async () => {
    await chooseFromRow('many', 'Filter…');
    await answerInput('Filter tags of', 'nowhere');
    await seeRow('Nothing matches "nowhere" among 251');
    await chooseFromRow('many, filter', 'Clear filter');
    await gone('many, filter');
    await collapse();
  });

  it('filters the repositories of a registry, those in groups as well', async () => {
    await expandRow(host);
    await chooseFromRow(host, 'Filter…');
    await answerInput('Filter repositories of', 'few');
    await seeRow('filter/few');
    await gone('many');
    await chooseFromRow(host, 'Clear filter');
    await gone(`${host}, plain HTTP, filter`);
    await expandRow('filter');
    await seeRow('many');
  });

  it('sorts tags by version and by name, and hides those named by a digest', async () => {
    await expandRow('few');
    await seeRow('latest');
    await sortBy('Version');
    await page(['locator', '.sidebar .monaco-list-row .label-name', { hasText: '1.10.0' }], ['waitFor']);
    await until(async () =>
      assert.deepEqual(await tagsOfFew(), ['1.10.0', '1.9.0', '1.0.0', 'latest', DIGEST_TAG]),
    );
    await vscode.commands.executeCommand(commandIds.hideDigestTags);
    await gone('sha256-');
    await sortBy('Name');
    await until(async () => assert.deepEqual(await tagsOfFew(), ['1.0.0', '1.9.0', '1.10.0', 'latest']));
    await vscode.commands.executeCommand(commandIds.showDigestTags);
    await seeRow('sha256-');
  });

  it('sorts tags by the date of what they point at, which is read once for each', async () => {
    const target = testRepository(host, 'filter/dated');
    for (const [tag, year] of [
      ['d-old', 2021],
      ['d-new', 2023],
      ['d-middle', 2022],
    ] as const) {
      const annotations = { 'org.opencontainers.image.created': `${year}-01-01T00:00:00Z` };
      await target.tag(await pushArtifact(target, [textBlob('dated')], { annotations }), tag);
    }
    await collapse();
    await vscode.commands.executeCommand(commandIds.refresh);
    await expandRow(host);
    await expandRow('filter');
    requests.length = 0;
    await sortBy('Date');
    await expandRow('dated');
    const dated = async () => (await rowLabels()).filter((label) => label.startsWith('d-'));
    await until(async () => assert.deepEqual(await dated(), ['d-new', 'd-middle', 'd-old']));
    const reads = requests.filter((request) => request.includes('/filter/dated/manifests/'));
    assert.equal(reads.length, 3);
  });

  /** The sidebar draws a moment after the command. */
  async function until(check: () => Promise<void>): Promise<void> {
    for (let triesLeft = 50; ; triesLeft--) {
      try {
        return await check();
      } catch (error) {
        if (triesLeft === 0) throw error;
      }
    }
  }
});
