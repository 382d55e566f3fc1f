import assert from 'node:assert/strict';
import {
  startScriptedServer,
  type Script,
  type ScriptedAnswer,
  type ScriptedServer,
} from '../support/scriptedServer';
import { testAccount } from '../support/testAccount';
import { signInByCommand, signOutByCommand } from './support/flows';
import { hasPage, page, type PageCall } from './support/page';
import { storeSignInsIn, useRegistries } from './support/registries';
import { chooseFromRow, clickRow, expandRow, openSidebar, rowLabels, seeRow } from './support/sidebar';

const json = (value: unknown, headers: ScriptedAnswer['headers'] = {}): ScriptedAnswer => ({
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
const tagsFrom = (first: number) =>
  Array.from({ length: 100 }, (_, at) => `v${String(first + at).padStart(3, '0')}`);
const rows: PageCall = ['locator', '.sidebar [role=treeitem]'];

describe('the lists of the sidebar', () => {
  let server: ScriptedServer | undefined;
  const host = () => server?.host ?? '';
  const use = (entry: object = {}) => useRegistries({ host: host(), plainHttp: true, ...entry });

  before(async function () {
    if (!hasPage()) this.skip();
    await openSidebar();
  });
  afterEach(async () => {
    await useRegistries();
    await server?.stop();
  });

  const start = async (script: Script) => {
    server = await startScriptedServer(script);
  };
  const labelled = async (pattern: RegExp) => (await rowLabels()).filter((label) => pattern.test(label));

  describe('of a registry that refuses who is signed in', () => {
    before(() => storeSignInsIn('secretStorage'));
    after(() => storeSignInsIn('ask'));

    it('show what the user named, and a note whose first step is to name another', async function () {
      this.timeout(60_000);
      const { username, password } = testAccount;
      const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      await start(({ line, headers }) => {
        if (line.includes('/tags/list')) return json({ name: 'team/app', tags: ['v1'] });
        if (headers.authorization === basic && !line.includes('_catalog')) return json({});
        const message = 'listing is for administrators';
        return {
          ...json({ errors: [{ code: 'UNAUTHORIZED', message }] }, { 'WWW-Authenticate': 'Basic realm="x"' }),
          status: 401,
        };
      });
      await use({ repositories: ['team/app'] });
      await signInByCommand(host(), username, password);
      await expandRow(host());
      await seeRow('team/app');
      await seeRow(`${host()} does not let you list its repositories, Add repository…`);
      await expandRow('team/app');
      await seeRow('v1');
      await signOutByCommand(host());
    });
  });

  for (const [title, answer, note] of [
    ['denies', { status: 403 }, 'denied access'],
    ['fails', { status: 500 }, 'answered 500'],
    ['is busy', { status: 503 }, 'answered 503'],
    ['gives what is not JSON', { body: '{' }, 'it is not JSON'],
    ['gives no list', { body: '{}' }, 'This registry does not list its repositories'],
    ['stays silent', { hang: true }, 'Still waiting…'],
  ] as const) {
    it(`show what the user named beside a note, where a registry ${title}`, async function () {
      this.timeout(60_000);
      await start(({ line }) =>
        line.includes('/tags/list') ? json({ tags: ['v1'] }) : line === 'GET /v2/' ? json({}) : answer,
      );
      await use({ repositories: ['team/app'] });
      await expandRow(host());
      await seeRow('team/app');
      await page(['locator', '.sidebar [role=treeitem]', { hasText: note }], ['first'], ['waitFor']);
      await expandRow('team/app');
      await seeRow('v1');
    });
  }

  for (const [title, link] of [
    ['of another scheme', (at: string) => `https://${at}/v2/_catalog?n=100&last=b`],
    ['without its port', () => 'http://127.0.0.1/v2/_catalog?n=100&last=b'],
    ['to nothing', (at: string) => `http://${at}/repository/docker/v2/_catalog?n=100&last=b`],
  ] as const) {
    it(`show a first page whose link is one ${title}, and why there is no more`, async () => {
      await start(({ line }) => {
        if (line.includes('last=b')) return { status: 404 };
        return json({ repositories: ['a', 'b'] }, { Link: `<${link(host())}>; rel="next"` });
      });
      await use();
      await expandRow(host());
      await seeRow('a');
      await seeRow('b');
      await page(rows, ['filter', { hasText: 'Try again' }], ['first'], ['waitFor']);
    });
  }

  it('keep what is shown when Load more fails, and read on by Try again', async function () {
    this.timeout(60_000);
    let isBroken = true;
    await start(({ line }) => {
      if (line.includes('_catalog')) return json({ repositories: ['many'] });
      if (line.includes('last=v100')) return isBroken ? { status: 403 } : json({ tags: tagsFrom(101) });
      return json({ tags: tagsFrom(1) }, { Link: '</v2/many/tags/list?n=100&last=v100>; rel="next"' });
    });
    await use();
    await expandRow(host());
    await expandRow('many');
    await seeRow('v001');
    await page(['locator', '.sidebar .monaco-list'], ['first'], ['focus']);
    await page(['keyboard'], ['press', 'End']);
    await clickRow('Load more…');
    const failed: PageCall = ['filter', { hasText: 'denied access' }];
    await page(rows, failed, ['first'], ['waitFor']);
    assert.ok((await labelled(/^v\d+/)).includes('v100'));
    isBroken = false;
    await page(rows, failed, ['first'], ['click']);
    await page(rows, failed, ['first'], ['waitFor', { state: 'detached' }]);
    await page(['locator', '.sidebar .monaco-list'], ['first'], ['focus']);
    await page(['keyboard'], ['press', 'End']);
    await seeRow('v200');
    await page(['keyboard'], ['press', 'Home']);
  });

  it('leave out a name that cannot be used, of a registry and of the settings', async () => {
    const names = ['good/one', 'Team/Image', 'a__/b', '', 'team/app ', 'x'.repeat(256), 'good/two'];
    await start(() => json({ repositories: names }));
    await use({ repositories: ['Team/Named'] });
    await expandRow(host());
    await expandRow('good');
    await seeRow('one');
    await seeRow('two');
    await seeRow('"Team/Image" and 4 more cannot be used');
    await seeRow('"Team/Named" cannot be used, Open settings');
  });

  it('have each row once: tags, repositories, and hosts of the settings', async () => {
    await start(({ line }) =>
      line.includes('tags/list') ? json({ tags: ['v1', 'v2', 'v1'] }) : json({ repositories: ['a', 'a'] }),
    );
    const entry = { host: host(), plainHttp: true };
    await useRegistries(entry, { ...entry, repositories: ['b', 'a'] });
    await expandRow(host());
    await expandRow('a');
    await seeRow('v2');
    await seeRow('b');
    const labels = await rowLabels();
    assert.deepEqual(
      labels.filter((label) => ['a', 'b', 'v1', 'v2', host()].includes(label)).toSorted(),
      [host(), 'a', 'b', 'v1', 'v2'].toSorted(),
    );
  });

  it('keep to its row what a refresh drops, and ask for a group', async function () {
    this.timeout(60_000);
    const names = ['team/app', 'team/app2'];
    await start(({ line }) => {
      if (line.includes('_catalog')) return json({ repositories: names });
      if (line.includes('last=v100')) return json({ tags: tagsFrom(101) });
      return json({ tags: tagsFrom(1) }, { Link: '<?n=100&last=v100>; rel="next"' });
    });
    await use();
    await expandRow(host());
    await expandRow('team');
    await expandRow('app2');
    await seeRow('v001');
    const asked = () => server?.lines().filter((line) => line.includes('/team/app2/')).length ?? 0;
    const before = asked();
    await chooseFromRow('app', 'Refresh');
    await expandRow('app');
    await seeRow('v001');
    assert.equal(asked(), before);
    await clickRow('app');
    names.push('team/new');
    await chooseFromRow('team', 'Refresh');
    // Rows are drawn where they fit: the last one comes into view once it is there.
    for (let triesLeft = 50; !(await rowLabels()).includes('new') && triesLeft > 0; triesLeft--) {
      await page(['locator', '.sidebar .monaco-list'], ['first'], ['focus']);
      await page(['keyboard'], ['press', 'End']);
    }
    await seeRow('new');
    await page(['keyboard'], ['press', 'Home']);
  });
});
