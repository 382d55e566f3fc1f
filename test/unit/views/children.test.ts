import assert from 'node:assert/strict';
import type { RegistrySettings } from '../../../src/host/settings';
import { Registry } from '../../../src/targets/registry/registry';
import { messageOf } from '../../../src/oci/errors';
import { childrenOfNode, OpenLists, type ChildrenContext } from '../../../src/views/children';
import type { Node, RepositoryNode } from '../../../src/views/nodes';
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
});
