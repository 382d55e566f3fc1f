import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { digestOf } from '../../src/oci/digest';
import { pushArtifact, textBlob } from '../support/artifacts';
import { answering } from './support/dialogs';
import { newFolder, pushByCommand, row } from './support/flows';
import { chooseItem, cspViolations, listedItems, page, screenshot, type PageCall } from './support/page';
import { useRegistries } from './support/registries';
import { testRepository } from './support/testRepository';

const EVIL = '<img src=x onerror="document.title=\'owned\'">';
const CREATED = '2024-05-06T07:08:09Z';
const TYPE = 'application/vnd.example.form.v1';
const frame: PageCall = ['webview', '#push'];

interface WrittenManifest {
  readonly artifactType?: string;
  readonly config: { readonly mediaType: string; readonly size: number };
  readonly layers: readonly {
    readonly mediaType: string;
    readonly digest: string;
    readonly annotations: Record<string, string>;
  }[];
  readonly annotations: Record<string, string>;
}

describe('the push form', () => {
  let registry: LocalRegistry;
  let host: string;
  let folder: vscode.Uri;

  before(async () => {
    registry = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    host = `${registry.host}:${registry.port}`;
    await useRegistries({ host, plainHttp: true });
    folder = await newFolder();
    await writeFile(at('notes.md'), '# Notes\n');
    await writeFile(at('data.bin'), 'data');
    await writeFile(at('config.json'), '{"a":1}');
    await vscode.workspace.fs.createDirectory(vscode.Uri.joinPath(folder, 'policies'));
    await writeFile(at('policies/main.rego'), 'package main\n');
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(async () => {
    await useRegistries();
    await registry.stop();
  });

  const at = (name: string) => path.join(folder.fsPath, name);
  const file = (name: string) => vscode.Uri.file(at(name));
  const open = async (...names: readonly string[]) => {
    const uris = names.map(file);
    await vscode.commands.executeCommand(commandIds.pushWithOptions, uris[0], uris);
    await page(frame, ['locator', '#push'], ['waitFor']);
  };
  const field = (name: string): PageCall => ['locator', `#${name} input`];
  const labelled = (label: string): PageCall => ['getByLabel', label, { exact: true }];
  const fill = (name: string, value: string) => page(frame, field(name), ['fill', value]);
  const fillLabelled = (label: string, value: string) => page(frame, labelled(label), ['fill', value]);
  const click = (name: string) =>
    page(frame, ['locator', 'vscode-button', { hasText: name }], ['first'], ['click']);
  const section = (name: string) =>
    page(frame, ['locator', 'vscode-collapsible .title', { hasText: name }], ['first'], ['click']);
  /** The digest of the preview, once it answers to the form as it stands. */
  const digest = async () => {
    await page(frame, ['locator', '.preview .content:not(.stale) .digest code'], ['waitFor']);
    return page<string>(frame, ['locator', '.preview .digest code'], ['innerText']);
  };
  /** Waits until the preview has come to a digest. */
  const settled = async (expected: string) => {
    const code: PageCall = ['locator', '.preview .content:not(.stale) .digest code', { hasText: expected }];
    return page<string>(frame, code, ['innerText']);
  };
  const chooseIn = (name: string) => page(frame, ['locator', `#${name} + vscode-button`], ['click']);
  const previewed = () => page<string>(frame, ['locator', '.preview pre'], ['first'], ['innerText']);
  const pushed = async () => {
    await page(frame, ['locator', '#push:not([disabled])'], ['click']);
    await page(frame, ['locator', '.result.done'], ['waitFor']);
    return page<string>(frame, ['locator', '.result code'], ['innerText']);
  };
  const manifestOf = async (repository: string, tag: string) => {
    const { descriptor, bytes } = await testRepository(host, repository).readManifest(tag);
    return {
      digest: descriptor.digest,
      manifest: JSON.parse(Buffer.from(bytes).toString()) as WrittenManifest,
    };
  };

  it('shows the digest that a push then has, files and folders alike', async () => {
    await open('notes.md', 'data.bin', 'policies');
    await screenshot('push-form-empty');
    await fill('repository', `${host}/form/one`);
    await fill('tags', 'v1, latest');
    await fill('artifactType', TYPE);
    await page(frame, ['locator', 'a', { hasText: 'Use text/markdown' }], ['click']);
    const shown = await digest();
    await screenshot('push-form-filled');
    assert.equal(await pushed(), shown);
    await screenshot('push-form-pushed');
    const { digest: there, manifest } = await manifestOf('form/one', 'latest');
    assert.equal(there, shown);
    assert.equal((await testRepository(host, 'form/one').resolve('v1')).digest, shown);
    assert.equal(manifest.artifactType, TYPE);
    assert.deepEqual(
      manifest.layers.map(({ mediaType, annotations }) => [
        annotations['org.opencontainers.image.title'],
        mediaType,
      ]),
      [
        ['notes.md', 'text/markdown'],
        ['data.bin', 'application/vnd.oci.image.layer.v1.tar'],
        ['policies', 'application/vnd.oci.image.layer.v1.tar+gzip'],
      ],
    );
  });

  it('writes config, annotations and image-spec v1.0, and takes hostile text as text', async () => {
    await open('notes.md');
    await fill('repository', `${host}/form/old`);
    await fill('tags', 'v1');
    await click('Add annotation');
    await fillLabelled('Key of annotation 1', 'com.example.evil');
    await fillLabelled('Value of annotation 1', EVIL);
    await fillLabelled('Title of notes.md', EVIL);
    await fill('created', CREATED);
    await section('Config');
    await fill('configPath', 'config.json');
    await fill('configType', 'application/vnd.example.config.v1+json');
    await click('Add config annotation');
    await fillLabelled('Key of config annotation 1', 'of');
    await fillLabelled('Value of config annotation 1', 'config');
    await section('More');
    await page(frame, ['locator', '#imageSpec'], ['click']);
    await page(frame, ['locator', '#imageSpec li.option'], ['nth', 2], ['click']);
    const shown = await digest();
    assert.ok((await previewed()).includes(JSON.stringify(EVIL)));
    assert.equal(await page(frame, ['locator', '#root img'], ['count']), 0);
    assert.equal(await page(frame, ['locator', ':not(:defined)'], ['count']), 0);
    assert.deepEqual(await cspViolations(frame), []);
    await screenshot('push-form-more');
    assert.equal(await pushed(), shown);
    const { digest: there, manifest } = await manifestOf('form/old', 'v1');
    assert.equal(there, shown);
    assert.deepEqual(manifest.config, {
      mediaType: 'application/vnd.example.config.v1+json',
      digest: digestOf(Buffer.from('{"a":1}')),
      size: 7,
      annotations: { of: 'config' },
    });
    assert.equal(manifest.artifactType, undefined);
    assert.deepEqual(manifest.annotations, {
      'com.example.evil': EVIL,
      'org.opencontainers.image.created': CREATED,
    });
    assert.equal(manifest.layers[0]?.annotations['org.opencontainers.image.title'], EVIL);
  });

  it('says at each field what is wrong, and lets nothing be pushed until it is right', async () => {
    await open('notes.md', 'data.bin');
    await fill('repository', `${host}/Form/Bad`);
    await fill('artifactType', 'no type');
    await fillLabelled('Title of data.bin', 'notes.md');
    await fill('created', 'yesterday');
    for (const problem of [
      'Repository names are lower case: "Form".',
      'It does not have the form type/subtype.',
      'Another file has this title.',
      'It is not a time as RFC 3339 writes it.',
    ])
      await page(frame, ['locator', '.problem:visible', { hasText: problem }], ['waitFor']);
    await page(frame, ['locator', '#push[disabled]'], ['waitFor']);
    await screenshot('push-form-problems');
    await fill('repository', `${host}/form/bad`);
    await fill('artifactType', TYPE);
    await fillLabelled('Title of data.bin', 'data.bin');
    await fill('created', CREATED);
    await page(frame, ['locator', '#push:not([disabled])'], ['waitFor']);
    assert.equal(await page(frame, ['locator', '.problem:visible'], ['count']), 0);
  });

  it('says in the preview what does not go together or is not there', async () => {
    await open('notes.md');
    await fill('repository', `${host}/form/conflict`);
    await section('Config');
    await fill('configPath', 'config.json');
    await fill('artifactPlatform', 'linux/amd64');
    const failure = (text: string): PageCall => ['locator', '.preview .failure', { hasText: text }];
    await page(frame, failure('a config file and an artifact platform exclude each other'), ['waitFor']);
    await page(frame, ['locator', '#push[disabled]'], ['waitFor']);
    await fill('artifactPlatform', '');
    await fill('configPath', 'missing.json');
    await page(frame, failure('missing.json'), ['waitFor']);
    await screenshot('push-form-failure');
    await fill('configPath', 'config.json');
    await digest();
    await page(frame, ['locator', '#push:not([disabled])'], ['waitFor']);
  });

  it('says why a push failed, and stays open', async () => {
    await open('notes.md');
    await fill('repository', '127.0.0.1:1/form/nowhere');
    await digest();
    const shown = await answering({}, async () => {
      await page(frame, ['locator', '#push:not([disabled])'], ['click']);
      await page(frame, ['locator', '.result.failure', { hasText: 'Not pushed' }], ['waitFor']);
    });
    assert.match(shown.errors.join(), /Push to 127\.0\.0\.1:1\/form\/nowhere failed: .*ECONNREFUSED/);
    await page(frame, ['locator', '#push:not([disabled])'], ['waitFor']);
  });

  it('adds and removes files, and shows what is on disk now', async () => {
    await open('notes.md');
    const before = await digest();
    await answering({ opens: [[file('data.bin')], [file('policies')]] }, async () => {
      await click('Add files…');
      await page(frame, labelled('Title of data.bin'), ['waitFor']);
      await click('Add folders…');
      await page(frame, labelled('Title of policies'), ['waitFor']);
    });
    await page(frame, ['locator', '.files vscode-table-row'], ['nth', 2], ['waitFor']);
    for (const name of ['data.bin', 'policies']) await page(frame, labelled(`Remove ${name}`), ['click']);
    assert.equal(await settled(before), before);
    await appendFile(at('notes.md'), 'more\n');
    await fill('tags', 'v2');
    await page(frame, ['locator', '.preview .digest code', { hasNotText: before }], ['waitFor']);
  });

  it('takes paths from dialogs, the time from the clock, and writes the manifest where told', async () => {
    await open('notes.md');
    await fill('repository', `${host}/form/export`);
    await fill('created', CREATED);
    await section('Config');
    await section('More');
    await answering({ open: [file('config.json')], save: file('out.json') }, async () => {
      await chooseIn('configPath');
      await chooseIn('exportManifest');
      await page(
        frame,
        ['locator', '.section pre, .preview pre', { hasText: 'unknown.config' }],
        ['waitFor'],
      );
    });
    await chooseIn('created');
    await page(frame, ['locator', '.preview pre', { hasNotText: CREATED }], ['first'], ['waitFor']);
    const shown = await digest();
    assert.equal(await pushed(), shown);
    assert.equal(digestOf(await readFile(at('out.json'))), shown);
  });

  it('keeps what was typed while another editor hides it', async () => {
    await open('notes.md');
    await fill('repository', `${host}/form/hidden`);
    await click('Add annotation');
    await fillLabelled('Key of annotation 1', 'kept');
    await fillLabelled('Value of annotation 1', 'here');
    const shown = await digest();
    const document = await vscode.workspace.openTextDocument({ content: 'in front' });
    await vscode.window.showTextDocument(document);
    await page(['locator', '.monaco-editor', { hasText: 'in front' }], ['first'], ['waitFor']);
    await vscode.commands.executeCommand('workbench.action.openEditorAtIndex1');
    assert.equal(await digest(), shown);
    assert.equal(await page(frame, field('repository'), ['inputValue']), `${host}/form/hidden`);
    const value = labelled('Value of annotation 1');
    assert.equal(await page(frame, value, ['inputValue']), 'here');
  });

  it('begins with the repository of the row that it is opened from', async () => {
    await vscode.commands.executeCommand(commandIds.pushWithOptions, row(host, 'team/app'));
    assert.equal(await page(frame, field('repository'), ['inputValue']), `${host}/team/app`);
    await page(frame, ['getByText', 'No files: an artifact of annotations alone.'], ['waitFor']);
  });

  it('opens from the menu of the Explorer, in a dark theme too', async () => {
    const settings = vscode.workspace.getConfiguration('workbench');
    await settings.update('colorTheme', 'Default Dark Modern', vscode.ConfigurationTarget.Global);
    try {
      await vscode.commands.executeCommand('workbench.view.explorer');
      const readme: PageCall = ['getByRole', 'treeitem', { name: 'README.md' }];
      await page(readme, ['first'], ['click', { button: 'right' }]);
      const item: PageCall = ['getByRole', 'menuitem', { name: 'Push with options…' }];
      await page(item, ['waitFor']);
      await page(item, ['click', { delay: 150 }]);
      await page(['webview', 'body.vscode-dark #push'], labelled('Title of README.md'), ['waitFor']);
      await fill('repository', `${host}/form/dark`);
      await digest();
      await screenshot('push-form-dark');
    } finally {
      await settings.update('colorTheme', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('does not run git in a workspace that is not trusted, and says so', async () => {
    const trust = Object.getOwnPropertyDescriptor(vscode.workspace, 'isTrusted');
    Object.defineProperty(vscode.workspace, 'isTrusted', { configurable: true, get: () => false });
    try {
      await open('notes.md');
      await page(frame, ['locator', '#gitStamp[disabled]'], ['waitFor']);
      await page(frame, ['getByText', 'Git is not run in a workspace that you do not trust.'], ['waitFor']);
    } finally {
      if (trust) Object.defineProperty(vscode.workspace, 'isTrusted', trust);
    }
  });

  describe('push again', () => {
    const title = 'Push again with the same options';
    const again = (to: string) =>
      answering({}, async () => {
        const done = vscode.commands.executeCommand(commandIds.pushAgain);
        await chooseItem(title, to);
        await done;
      });

    it('pushes the same with the same options, after showing what goes where', async () => {
      const to = `${host}/form/again:v1`;
      await open('notes.md', 'policies');
      await fill('repository', `${host}/form/again`);
      await fill('tags', 'v1');
      await fill('artifactType', TYPE);
      await fill('created', CREATED);
      await digest();
      const first = await pushed();
      const target = testRepository(host, 'form/again');
      await target.tag(await pushArtifact(target, [textBlob('another')]), 'v1');
      const done = vscode.commands.executeCommand(commandIds.pushAgain);
      await page(['locator', '.quick-input-widget:visible', { hasText: title }], ['waitFor']);
      const [item = ''] = await listedItems();
      for (const part of [to, TYPE, 'notes.md, policies'])
        assert.ok(item.includes(part), `${part} in ${item}`);
      await screenshot('push-again');
      await chooseItem(title, to);
      await done;
      assert.equal((await target.resolve('v1')).digest, first);
    });

    it('remembers a push without a form, and pushes what the file holds now', async () => {
      const to = `${host}/form/quick:v1`;
      await pushByCommand([file('data.bin')], to, TYPE);
      await appendFile(at('data.bin'), 'new');
      const { errors } = await again(to);
      assert.deepEqual(errors, []);
      const { manifest } = await manifestOf('form/quick', 'v1');
      assert.equal(manifest.layers[0]?.digest, digestOf(await readFile(at('data.bin'))));
      assert.equal(manifest.artifactType, TYPE);
    });

    it('takes no time of creation along that nobody typed', async () => {
      await open('notes.md');
      await fill('repository', `${host}/form/time`);
      await fill('tags', 'v1');
      await digest();
      await pushed();
      const createdOf = async () =>
        (await manifestOf('form/time', 'v1')).manifest.annotations['org.opencontainers.image.created'] ?? '';
      const before = await createdOf();
      await page(frame, ['waitForFunction', `Date.now() >= ${Date.parse(before) + 1_000}`]);
      await again(`${host}/form/time:v1`);
      assert.ok((await createdOf()) > before);
    });

    it('opens in the form by the button of its item', async () => {
      const to = `${host}/form/button:v1`;
      await pushByCommand([file('data.bin')], to, TYPE);
      const done = vscode.commands.executeCommand(commandIds.pushAgain);
      const box: PageCall = ['locator', '.quick-input-widget:visible', { hasText: title }];
      const entry: PageCall = ['locator', '.quick-input-list-entry', { hasText: to }];
      await page(box, entry, ['hover']);
      await page(box, entry, ['locator', '[aria-label="Open in the push form"]'], ['first'], ['click']);
      await done;
      assert.equal(await page(frame, field('repository'), ['inputValue']), `${host}/form/button`);
      assert.equal(await page(frame, field('tags'), ['inputValue']), 'v1');
      assert.equal(await page(frame, field('artifactType'), ['inputValue']), TYPE);
    });
  });
});
