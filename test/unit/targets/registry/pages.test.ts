import assert from 'node:assert/strict';
import { InvalidContentError, SignInRequiredError, UnsupportedError } from '../../../../src/oci/errors';
import { nextLink } from '../../../../src/targets/registry/linkHeader';
import { Registry } from '../../../../src/targets/registry/registry';
import { collect } from '../../../support/artifacts';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../support/scriptedServer';
import { testTransport } from '../../../support/testTransport';

describe('Lists in pages', () => {
  let server: ScriptedServer;
  afterEach(() => server.stop());
  const registry = async (script: Script) => {
    server = await startScriptedServer(script);
    return new Registry(server.host, testTransport());
  };
  const page = (tags: unknown, link?: string) => ({
    body: JSON.stringify({ name: 'a', tags }),
    ...(link !== undefined && { headers: { Link: link } }),
  });

  it('follow relative and absolute links', async () => {
    const client = await registry((request) => {
      if (request.line.includes('last=b'))
        return page(['c'], `<http://${server.host}/v2/a/tags/list?last=c>; rel="next"`);
      if (request.line.includes('last=c')) return page(['d']);
      return page(['a', 'b'], '</v2/a/tags/list?n=2&last=b>; rel="next"');
    });
    assert.deepEqual(await collect(client.repository('a').tags({ pageSize: 2 })), ['a', 'b', 'c', 'd']);
    assert.deepEqual(server.lines(), [
      'GET /v2/a/tags/list?n=2',
      'GET /v2/a/tags/list?n=2&last=b',
      'GET /v2/a/tags/list?last=c',
    ]);
  });

  it('make no request before an entry is asked for, and none for a page that nobody reaches', async () => {
    const client = await registry(() => page(['a', 'b'], '<?last=b>; rel=next'));
    const tags = client.repository('a').tags()[Symbol.asyncIterator]();
    assert.equal(server.seen.length, 0);
    await tags.next();
    await tags.next();
    assert.equal(server.seen.length, 1);
    await tags.return?.();
  });

  it('take null for an empty list', async () => {
    const client = await registry([page(null)]);
    assert.deepEqual(await collect(client.repository('a').tags()), []);
  });

  it('leave out what came before, where the server starts over', async () => {
    const client = await registry([page(['c', 'b', 'a'])]);
    assert.deepEqual(await collect(client.repository('a').tags({ last: 'a' })), ['c', 'b']);
  });

  const REFUSED: readonly [title: string, script: Script, reason: RegExp][] = [
    [
      'a link that leads round in circles',
      () => page(['a'], '</v2/a/tags/list?last=a>; rel="next"'),
      /come to an end/,
    ],
    [
      'a link to another host',
      () => page(['a'], '<http://127.0.0.2:9/v2/>; rel="next"'),
      /leads to http:\/\/127.0.0.2:9/,
    ],
    ['a page that is not JSON', () => ({ body: '<html>' }), /it is not JSON/],
    ['a page that is not an object', () => ({ body: '"a"' }), /not a JSON object/],
    ['a list that is none', () => page('a'), /"tags" is not a list/],
    [
      'a page without end',
      () => ({ body: Buffer.alloc(4 * 1024 * 1024 + 1, ' ') }),
      /larger than 4194304 bytes/,
    ],
  ];
  for (const [title, script, reason] of REFUSED) {
    it(`refuse ${title}`, async () => {
      const client = await registry(script);
      await assert.rejects(
        collect(client.repository('a').tags()),
        (error) => error instanceof InvalidContentError && reason.test(error.message),
      );
    });
  }

  const CUT_LINKS: readonly [title: string, link: (host: string) => string, reason: RegExp][] = [
    [
      'leads to another port',
      () => 'http://127.0.0.1/v2/a/tags/list?last=b',
      /leads to http:\/\/127.0.0.1 and/,
    ],
    ['leads to a path that is not there', (host) => `http://${host}/repository/v2/?last=b`, /answered 404/],
    ['is no URL', () => 'http://[', /not a URL/],
  ];
  for (const [title, link, reason] of CUT_LINKS) {
    for (const kind of ['tags', 'repositories'] as const) {
      it(`give the first page of ${kind} whose link ${title}, and then fail`, async () => {
        const client = await registry(({ line }) => {
          if (line.includes('last=b')) return { status: 404 };
          const headers = { Link: `<${link(server.host)}>; rel="next"` };
          return { headers, body: JSON.stringify({ tags: ['a', 'b'], repositories: ['a', 'b'] }) };
        });
        const found: string[] = [];
        const list = kind === 'tags' ? client.repository('a').tags() : client.repositories();
        const reading = (async () => {
          for await (const name of list) found.push(name);
        })();
        await assert.rejects(reading, (error) => error instanceof Error && reason.test(error.message));
        assert.deepEqual(found, ['a', 'b']);
      });
    }
  }

  it('follow a link in the scheme of the answer where it names the other one', async () => {
    const client = await registry(({ line }) =>
      line.includes('last=b')
        ? page(['c'])
        : page(['a', 'b'], `<https://${server.host}/v2/a/tags/list?last=b>; rel="next"`),
    );
    assert.deepEqual(await collect(client.repository('a').tags()), ['a', 'b', 'c']);
  });

  for (const body of ['{}', '[]', '"a"', '{"repositories":"a"}', '{"repositories":{}}']) {
    it(`say that a registry does not list that answers 200 with ${body}`, async () => {
      const client = await registry([{ body }]);
      await assert.rejects(collect(client.repositories()), UnsupportedError);
    });
  }

  it('take null for an empty catalog', async () => {
    const client = await registry([{ body: '{"repositories":null}' }]);
    assert.deepEqual(await collect(client.repositories()), []);
  });

  it('say what is wrong with a later page, and not that the registry does not list', async () => {
    const client = await registry(({ line }) =>
      line.includes('last=b')
        ? { headers: { 'Content-Type': 'text/html' }, body: '<html>' }
        : { headers: { Link: '<?last=b>; rel="next"' }, body: '{"repositories":["a","b"]}' },
    );
    await assert.rejects(collect(client.repositories()), (error) => !(error instanceof UnsupportedError));
  });

  for (const status of [404, 405]) {
    it(`say that a registry without a catalog does not list (${status})`, async () => {
      const client = await registry([{ status }]);
      await assert.rejects(collect(client.repositories()), UnsupportedError);
    });
  }

  it('say that listing needs a sign-in', async () => {
    const client = await registry([{ status: 401, headers: { 'WWW-Authenticate': 'Basic realm=x' } }]);
    await assert.rejects(collect(client.repositories()), SignInRequiredError);
  });

  it('find the next link among others', async () => {
    server = await startScriptedServer([]);
    assert.equal(nextLink('</a>; rel="prev", </b>; rel="next"'), '/b');
    assert.equal(nextLink('</a?x=1,2>; title="t"; rel=next'), '/a?x=1,2');
    assert.equal(nextLink('</a>; rel="last next"'), '/a');
    assert.equal(nextLink('</a>; rel="nextish"'), undefined);
    assert.equal(nextLink('</a>; rel=next-ish, </b>; REL=NEXT'), '/b');
    assert.equal(nextLink('</a>; title="</x>; rel=next, \\" y"; rel=prev, </b>; rel=next'), '/b');
    assert.equal(nextLink(null), undefined);
  });

  it('take a link without a relation for the next page, where no other is named so', async () => {
    const client = await registry((request) =>
      request.line.includes('last=b') ? page(['c']) : page(['a', 'b'], '</v2/a/tags/list?last=b>'),
    );
    assert.deepEqual(await collect(client.repository('a').tags()), ['a', 'b', 'c']);
    assert.equal(nextLink('</a>; title="t"'), '/a');
    assert.equal(nextLink('</a>, </b>; rel="next"'), '/b');
    assert.equal(nextLink('</a>; rel="prev", </b>, </c>'), '/b');
    assert.equal(nextLink('</a>; rel="prev"'), undefined);
  });

  /** Refuses pages of more than `most` names. */
  const startPickyRegistry = (most: number, status = 400) =>
    registry(({ line }) => {
      const size = Number(/[?&]n=(\d+)/.exec(line)?.[1] ?? 0);
      const errors = [{ code: 'PAGINATION_NUMBER_INVALID', message: 'invalid number of results requested' }];
      if (size > most) return { status, body: JSON.stringify({ errors }) };
      return { body: JSON.stringify({ repositories: ['a', 'b'], tags: ['a', 'b'] }) };
    });

  it('are asked for in smaller pages where the size is refused, and then in those of the server', async () => {
    const client = await startPickyRegistry(100);
    assert.deepEqual(await collect(client.repository('a').tags()), ['a', 'b']);
    assert.deepEqual(server.lines(), ['GET /v2/a/tags/list?n=1000', 'GET /v2/a/tags/list?n=100']);
    await server.stop();
    const picky = await startPickyRegistry(20, 422);
    assert.deepEqual(await collect(picky.repositories({ pageSize: 100, last: 'a' })), ['b']);
    assert.deepEqual(server.lines(), [
      'GET /v2/_catalog?n=100&last=a',
      'GET /v2/_catalog?n=50&last=a',
      'GET /v2/_catalog?last=a',
    ]);
  });

  it('are refused for good where no size is taken', async () => {
    const client = await registry(() => ({ status: 400, body: '{"errors":[{"code":"NAME_INVALID"}]}' }));
    await assert.rejects(collect(client.repository('a').tags({ pageSize: 1 })), /NAME_INVALID/);
    assert.deepEqual(server.lines(), ['GET /v2/a/tags/list?n=1', 'GET /v2/a/tags/list']);
  });
});
