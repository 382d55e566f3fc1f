import assert from 'node:assert/strict';
import type { RegistrySettings } from '../../../src/host/settings';
import { dockerHubWith } from '../../../src/targets/registry/providers/dockerHub';
import { Registry } from '../../../src/targets/registry/registry';
import { digestOf } from '../../../src/oci/digest';
import { messageOf } from '../../../src/oci/errors';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { childrenOfNode, type ChildrenContext } from '../../../src/views/children';
import { tagNode, type ManifestNode, type Node, type RepositoryNode } from '../../../src/views/nodes';
import { OpenLists } from '../../../src/views/openLists';
import { registryNode } from '../../../src/views/rootNodes';
import type { ListView } from '../../../src/views/shownNames';
import {
  startScriptedServer,
  type Script,
  type ScriptedAnswer,
  type ScriptedServer,
} from '../../support/scriptedServer';
import { HurriedClock } from '../../support/testClock';
import { testCredential, testTransport } from '../../support/testTransport';

const json = (value: unknown, headers: ScriptedAnswer['headers'] = {}): ScriptedAnswer => ({
  headers,
  body: JSON.stringify(value),
});

describe('The rows of a list', () => {
  let server: ScriptedServer;
  let lists: OpenLists;
  const failures: string[] = [];
  afterEach(() => server.stop());

  const start = async (script: Script) => {
    server = await startScriptedServer(script);
    lists = new OpenLists();
    failures.length = 0;
  };
  const context = (
    settings: Partial<RegistrySettings> = {},
    view: Partial<ListView> = {},
  ): ChildrenContext => ({
    lists,
    settingsOf: (host) => ({ host, ...settings }),
    viewOf: () => ({ order: 'registry', hidesDigestTags: false, ...view }),
    signal: new AbortController().signal,
    onFailure: (error) => failures.push(messageOf(error)),
  });
  const root = () => {
    const transport = testTransport({
      clock: new HurriedClock(),
      timeouts: { answerMs: 200, idleMs: 200 },
      credential: testCredential,
    });
    return registryNode(new Registry(server.host, transport), { host: server.host }, undefined);
  };
  const repository = (name: string): RepositoryNode => {
    const parent = root();
    return {
      kind: 'repository',
      id: `${server.host}/${name}`,
      parent,
      repository: parent.registry.repository(name),
      label: name,
      target: { host: server.host, repository: name },
    };
  };
  /** The label, or the kind with its error. */
  const shape = (node: Node): string => {
    if (node.kind === 'group') return `${node.label}[${node.children.map(shape).join(' ')}]`;
    if (node.kind === 'error') return `error: ${messageOf(node.error)}`;
    return 'label' in node ? node.label : node.kind;
  };
  const shapes = async (node: Node, given = context()) => (await childrenOfNode(node, given)).map(shape);

  const FAILING: readonly (readonly [title: string, answer: ScriptedAnswer, reason: RegExp])[] = [
    [
      'refuses who is signed in',
      { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } },
      /refused the credentials/,
    ],
    ['denies', { status: 403 }, /denied access/],
    ['fails', { status: 500 }, /answered 500/],
    ['is busy', { status: 503 }, /answered 503/],
    ['does not answer', { hang: true }, /Cannot reach/],
    ['cuts the connection', { cut: true }, /Cannot reach/],
    ['answers with what is not JSON', { body: '{"repositories": ["a"' }, /not JSON/],
    ['answers without a list', { body: '{}' }, /does not support listing repositories/],
    ['answers with a list that is none', { body: '{"repositories": "a"}' }, /does not support listing/],
    ['answers with an array', { body: '[]' }, /does not support listing repositories/],
    ['has no catalog', { status: 404 }, /does not support listing repositories/],
    [
      'shows a web page',
      { headers: { 'Content-Type': 'text/html' }, body: '<html>' },
      /does not support listing repositories/,
    ],
  ];
  for (const [title, answer, reason] of FAILING) {
    it(`are those that the user named and one note, where a registry ${title}`, async () => {
      await start(() => answer);
      const given = context({ repositories: ['team/app'] });
      const [named, note, ...others] = await shapes(root(), given);
      assert.equal(named, 'team/app');
      assert.match(note ?? '', /^error: /);
      assert.match(note ?? '', reason);
      assert.deepEqual(others, []);
      assert.equal(failures.length, 1);
    });
  }

  it('are a note alone where nothing is known, and no row that says there is nothing', async () => {
    await start(() => ({ status: 500 }));
    const [note, ...others] = await shapes(root());
    assert.match(note ?? '', /^error: .* answered 500/);
    assert.deepEqual(others, []);
  });

  it('are asked for once, and not again where they are drawn again', async () => {
    await start(() => ({ status: 404 }));
    const node = root();
    await shapes(node);
    await shapes(node);
    assert.equal(server.lines().filter((line) => line.includes('_catalog')).length, 1);
  });

  const tagPage = (from: number, count = 100) =>
    Array.from({ length: count }, (_, at) => `v${String(from + at).padStart(4, '0')}`);

  for (const status of [403, 404, 503]) {
    it(`stay when a later page answers ${status}, which a note reads on behind`, async () => {
      let isBroken = true;
      await start(({ line }) => {
        if (line.includes('last=v0300')) return json({ tags: ['v0301'] });
        if (line.includes('last=v0200')) {
          if (isBroken) return { status };
          return json({ tags: tagPage(201) }, { Link: '<?last=v0300>; rel="next"' });
        }
        if (line.includes('last=v0100'))
          return json({ tags: tagPage(101) }, { Link: '<?last=v0200>; rel="next"' });
        return json({ tags: tagPage(1) }, { Link: '<?last=v0100>; rel="next"' });
      });
      const node = repository('team/many');
      await shapes(node);
      const list = lists.find(node.id);
      await list?.more();
      await assert.rejects(list?.more() ?? Promise.resolve());
      const rows = await childrenOfNode(node, context());
      assert.equal(rows.length, 201);
      const note = rows.at(-1);
      assert.ok(note?.kind === 'error' && note.readsOn);
      isBroken = false;
      await list?.more();
      const more = await childrenOfNode(node, context());
      assert.equal(more.length, 301);
      assert.equal(more.at(-1)?.kind, 'loadMore');
      assert.equal(new Set(more.map(({ id }) => id)).size, 301);
    });
  }

  it('are those of names that can be used, and a note on the others', async () => {
    const names = ['good/one', 'Team/Image', 'a__/b', '', 'team/app ', 'x'.repeat(256), 'good/two'];
    await start(() => json({ repositories: names }));
    const rows = await childrenOfNode(root(), context({ repositories: ['Team/Named', 'named'] }));
    assert.deepEqual(rows.map(shape), [
      'good[one two]',
      'named',
      '"Team/Image" and 4 more cannot be used',
      '"Team/Named" cannot be used',
    ]);
    const [note, ofSettings] = rows.slice(-2);
    assert.ok(note?.kind === 'info' && !note.inSettings);
    assert.ok(ofSettings?.kind === 'info' && ofSettings.inSettings);
    for (const text of ['"Team/Image": ', '"": ', '"a__/b": ', '"team/app ": ', '"xxx'])
      assert.ok(note.detail?.includes(text), text);
    assert.ok((note.detail ?? '').length < 2_000);
  });

  it('are a note alone where no name can be used', async () => {
    await start(() => json({ repositories: ['Team/Image'] }));
    assert.deepEqual(await shapes(root()), ['"Team/Image" cannot be used']);
  });

  it('are those of tags that are tags, and a note on the others', async () => {
    await start(() => json({ tags: ['v1', `sha256:${'a'.repeat(64)}`, '-ot-beta-jmx', 'v2'] }));
    const rows = await shapes(repository('team/app'));
    assert.deepEqual(rows.slice(0, 2), ['v1', 'v2']);
    assert.match(rows[2] ?? '', /^"sha256:a+" and 1 more cannot be used$/);
    assert.equal(rows.length, 3);
  });

  it('offer to name an organization beside what is named, where nothing is listed without one', async () => {
    await start(() => ({ status: 404 }));
    const provider = dockerHubWith({ apiHost: server.host });
    const registry = new Registry(server.host, testTransport(), { provider });
    const node = registryNode(registry, { host: server.host }, undefined);
    assert.deepEqual(await shapes(node, context({ repositories: ['team/app'] })), [
      'team/app',
      'Add organization or user…',
    ]);
  });

  it('say once what fails alike, and for each part what does not', async () => {
    await start(({ line }) => (line.includes('/gone/') ? json({}) : { status: 404 }));
    const provider = dockerHubWith({ apiHost: server.host });
    const registry = new Registry(server.host, testTransport(), {
      provider,
      namespaces: ['a', 'b', 'gone'],
    });
    const node = registryNode(registry, { host: server.host }, undefined);
    const rows = await shapes(node);
    assert.equal(rows.length, 1);
    assert.match(rows[0] ?? '', /does not support listing/);
  });

  it('are each there once, named by the user too and on two pages', async () => {
    await start(({ line }) => {
      const isSecond = line.includes('last=');
      if (line.includes('tags')) return json({ tags: ['v1', 'v2', 'v1'] });
      return isSecond
        ? json({ repositories: ['b', 'c'] })
        : json({ repositories: ['a', 'b'] }, { Link: '<?last=b>; rel="next"' });
    });
    assert.deepEqual(await shapes(root(), context({ repositories: ['c', 'c', 'd'] })), ['a', 'b', 'c', 'd']);
    assert.deepEqual(await shapes(repository('a')), ['v1', 'v2']);
  });

  it('are each referrer once', async () => {
    const digest = `sha256:${'b'.repeat(64)}` as const;
    const entry = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/spdx+json',
      digest,
      size: 7,
    };
    const type = 'application/vnd.oci.image.index.v1+json';
    const list = json(
      { schemaVersion: 2, mediaType: type, manifests: [entry, entry] },
      { 'Content-Type': type },
    );
    await start(({ line }) => (line.includes('/referrers/') ? list : { status: 404 }));
    const tag: ManifestNode = { ...tagNode(repository('a'), 'v1') };
    const subject = { mediaType: entry.mediaType, digest: `sha256:${'c'.repeat(64)}` as const, size: 3 };
    const node: Node = { kind: 'referrers', id: `${tag.id}#referrers`, parent: tag, subject };
    assert.equal((await childrenOfNode(node, context())).length, 1);
  });

  it('stay tags without their order where their dates cannot be read', async () => {
    await start(({ line }) => (line.includes('tags/list') ? json({ tags: ['v1', 'v2'] }) : { status: 501 }));
    const rows = await shapes(repository('a'), context({}, { order: 'date' }));
    assert.deepEqual(rows.slice(0, 2).toSorted(), ['v1', 'v2']);
    assert.match(rows[2] ?? '', /^error: .*answered 501/);
    assert.equal(rows.length, 3);
  });

  describe('after a refresh', () => {
    let answer: ScriptedAnswer;
    beforeEach(() => start(() => answer));
    const listed = json({ repositories: ['a', 'b'] });

    for (const [title, failing] of [
      ['fails', { status: 500 }],
      ['cannot be reached', { cut: true }],
      ['gives what is not JSON', { body: '{' }],
    ] as const) {
      it(`are those of before, with a note, where the registry ${title}`, async () => {
        answer = listed;
        const node = root();
        assert.deepEqual(await shapes(node), ['a', 'b']);
        answer = failing;
        lists.refresh(node);
        const rows = await shapes(node);
        assert.deepEqual(rows.slice(0, 2), ['a', 'b']);
        assert.match(rows[2] ?? '', /^error: /);
        assert.equal(rows.length, 3);
        answer = json({ repositories: ['c'] });
        lists.refresh(node);
        assert.deepEqual(await shapes(node), ['c']);
      });
    }

    it('are gone where the registry refuses, or no longer lists', async () => {
      for (const refusal of [
        { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } },
        { status: 404 },
      ]) {
        answer = listed;
        lists.forget();
        const node = root();
        await shapes(node);
        answer = refusal;
        lists.refresh(node);
        const [note, ...others] = await shapes(node);
        assert.match(note ?? '', /^error: /);
        assert.deepEqual(others, []);
      }
    });
  });

  describe('that are refreshed', () => {
    const DOWN: readonly (readonly [string, string])[] = [
      ['team/app', 'team/app2'],
      ['team/app', 'team/app-web'],
      ['team/app', 'team/app/below'],
    ];
    for (const [refreshed, other] of DOWN) {
      it(`leave ${other} as it is where ${refreshed} is meant`, async () => {
        await start(() => json({ tags: ['v1'] }));
        const [first, second] = [repository(refreshed), repository(other)];
        await shapes(first);
        await shapes(second);
        lists.refresh(first);
        assert.equal(lists.find(first.id), undefined);
        assert.ok(lists.find(second.id));
      });
    }

    it('are asked for as far as they were shown, where a group of them is meant', async () => {
      const all = Array.from({ length: 300 }, (_, at) => `team/r${String(at).padStart(4, '0')}`);
      await start(({ line }) => {
        if (line.includes('tags')) return json({ tags: ['v1'] });
        const last = /last=([^&]+)/.exec(line)?.[1] ?? '';
        const rest = all.filter((name) => name > decodeURIComponent(last));
        const page = rest.slice(0, 100);
        return json(
          { repositories: page },
          rest.length > 100 ? { Link: `</v2/_catalog?n=100&last=${page.at(-1)}>; rel="next"` } : {},
        );
      });
      const node = root();
      await shapes(node);
      await lists.find(node.id)?.more();
      const opened = repository('team/r0007');
      await shapes(opened);
      all.push('team/new');
      all.sort();
      lists.reread(node);
      assert.ok(lists.find(opened.id));
      const [group] = await childrenOfNode(node, context());
      assert.ok(group?.kind === 'group');
      assert.equal(group.children.length, 200);
      assert.ok(group.children.some(({ label }) => label === 'new'));
    });
  });

  it('of referrers have those of cosign by their tags, each a row of its own, and a note on bad entries', async () => {
    const digest = digestOf('a manifest');
    const subject = { mediaType: mediaTypes.ociManifest, digest, size: 10 };
    const signed = digestOf('a signature');
    const other = { ...subject, digest: digestOf('other'), artifactType: 'application/vnd.example.note' };
    await start(({ line }) => {
      if (line.includes('/referrers/'))
        return json({ manifests: [null, other] }, { 'Content-Type': mediaTypes.ociIndex });
      const headers = { 'Content-Type': mediaTypes.ociManifest, 'Docker-Content-Digest': signed };
      return line.endsWith('.sig') || line.endsWith('.sbom') ? { headers, body: 'x' } : { status: 404 };
    });
    const parent = tagNode(repository('team/app'), 'v1');
    const rows = await childrenOfNode({ kind: 'referrers', id: 'r', parent, subject }, context());
    const note =
      'error: The referrers list cannot be used: 1 of its entries names no manifest, and the others are shown.';
    const [signature, sbom] = ["Signature (cosign's tag)", "SBOM (cosign's tag)"];
    assert.deepEqual(rows.map(shape), [signature, sbom, other.artifactType, note]);
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
    const tag = `${digest.replace(':', '-')}.sig`;
    assert.ok(rows[0] && 'target' in rows[0]);
    assert.equal(rows[0].target?.tag, tag);
  });
});
