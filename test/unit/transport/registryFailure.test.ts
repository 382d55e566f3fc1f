import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { NotFoundError } from '../../../src/oci/errors';
import { redactUrl } from '../../../src/transport/redactUrl';
import { registryFailure } from '../../../src/transport/registryFailure';

describe('Failure of a registry', () => {
  const answer = (status: number, body: string | Readable, type = 'application/json') => ({
    status,
    url: new URL('https://user:pass@registry.example/v2/x?token=secret&n=1'),
    headers: new Headers({ 'Content-Type': type }),
    body: typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body,
    access: 'open' as const,
  });

  it('holds the list of errors, and no secret', async () => {
    const body =
      '{"errors":[{"code":"DENIED","message":"not\\u0007 now"},{"code":"X"},"y",{"message":"z"},{},7]}';
    const error = await registryFailure(answer(400, body), { method: 'PUT' });
    assert.deepEqual(error.failure.details, [
      { code: 'DENIED', message: 'not now' },
      { code: 'X', message: '' },
      { code: '', message: 'y' },
      { code: '', message: 'z' },
    ]);
    assert.equal(
      error.message,
      'PUT https://registry.example/v2/x?token=REDACTED&n=1 answered 400 (DENIED: not now; X; y; z).',
    );
  });

  const REASONS: readonly [title: string, body: unknown, said: string][] = [
    [
      'a detail that is a text',
      { errors: [{ code: 'DENIED', message: 'denied', detail: 'over the quota of the project' }] },
      'DENIED: denied: over the quota of the project',
    ],
    [
      "the message of a detail, as Quay's",
      {
        errors: [
          { code: 'MANIFEST_INVALID', message: 'manifest invalid', detail: { message: 'no such type' } },
        ],
      },
      'MANIFEST_INVALID: manifest invalid: no such type',
    ],
    [
      'the members of a detail',
      {
        errors: [
          { code: 'NAME_UNKNOWN', message: 'no', detail: { name: 'a/b', tag: 'v1', more: { size: 3 } } },
        ],
      },
      'NAME_UNKNOWN: no: name: a/b, tag: v1, more: size: 3',
    ],
    [
      'the entries of a detail',
      {
        errors: [
          { code: 'DENIED', message: 'no', detail: [{ Type: 'repository', Action: 'pull' }, 'x', null] },
        ],
      },
      'DENIED: no: Type: repository, Action: pull, x',
    ],
    [
      'no detail twice',
      {
        errors: [
          { code: 'X', message: 'the tag v1 is gone', detail: 'v1' },
          { code: 'Y', detail: {} },
        ],
      },
      'X: the tag v1 is gone; Y',
    ],
    ['a message alone', { message: 'Bad credentials', documentation_url: 'u' }, 'Bad credentials'],
    ['a message with a code', { code: 403, message: 'no', detail: 'why' }, '403: no: why'],
    ['errors that are one object', { errors: { code: 'DENIED', message: 'not now' } }, 'DENIED: not now'],
    ['errors by name', { errors: { a: { code: 'A', message: 'one' }, b: ['two'] } }, 'A: one; two'],
    ['errors that are a text', { errors: 'not now' }, 'not now'],
    ['an error as an object', { error: { code: 'A', message: 'one' } }, 'A: one'],
    [
      'what else there is',
      { error: 'invalid_grant', error_description: 'it ended' },
      'error: invalid_grant, error_description: it ended',
    ],
  ];
  for (const [title, body, said] of REASONS) {
    it(`says ${title}`, async () => {
      const error = await registryFailure(answer(400, JSON.stringify(body)), { method: 'PUT' });
      assert.equal(error.message.slice(error.message.indexOf(' answered ')), ` answered 400 (${said}).`);
    });
  }

  it('shows no secret of a detail: neither of an address, nor of a member that is named like one', async () => {
    const detail = {
      Token: 'abc1',
      'x-amz-security-token': 'abc2',
      url: 'https://u:abc3@store.example/x?sig=abc4&n=1',
      clientSecret: { a: 'abc5' },
      password: ['abc6'],
      Authorization: 'Basic abc7',
    };
    for (const body of [
      { errors: [{ code: 'X', message: 'see https://h/?sig=abc8', detail }] },
      { message: 'no', detail },
      { errors: detail },
      { said: detail },
    ]) {
      const error = await registryFailure(answer(400, JSON.stringify(body)), { method: 'PUT' });
      assert.doesNotMatch(error.message + JSON.stringify(error), /abc\d/);
    }
    const plain = await registryFailure(answer(500, 'see https://h/?sig=abc9', 'text/plain'), {
      method: 'PUT',
    });
    assert.match(plain.message, /see https:\/\/h\/\?sig=REDACTED/);
  });

  it('bounds what it quotes, however large or deep', async () => {
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    const many = JSON.stringify(Array.from({ length: 5_000 }, () => ({ code: 'X'.repeat(9), message: 'm' })));
    for (const body of [
      `{"errors":${many}}`,
      `{"errors":[{"code":"X","message":"${'m'.repeat(9_000)}","detail":"${'d'.repeat(9_000)}"}]}`,
      `{"errors":[{"code":"${'c'.repeat(9_000)}","detail":${deep}}]}`,
      `{"message":${deep}}`,
      deep,
    ]) {
      const { failure, message } = await registryFailure(answer(400, body), { method: 'PUT' });
      assert.ok(message.length < 1_200, String(message.length));
      assert.ok(JSON.stringify(failure).length < 25_000);
    }
  });

  it('says what was not found', async () => {
    const error = await registryFailure(answer(404, '{"errors":null}'), { method: 'GET', what: 'host/x:v1' });
    assert.ok(error instanceof NotFoundError);
    assert.match(error.message, /^host\/x:v1 was not found\. /);
  });

  it('keeps a web page out of the message, and cuts text short', async () => {
    const page = await registryFailure(answer(502, '<html>Bad gateway</html>', 'text/html'), {
      method: 'GET',
    });
    assert.match(page.message, /answered 502\.$/);
    const long = await registryFailure(answer(500, 'x'.repeat(10_000), 'text/plain'), { method: 'GET' });
    assert.equal(long.failure.body.length, 500);
  });

  it('reads 64 KiB of an endless body and no more', async () => {
    let pulled = 0;
    const endless = new Readable({
      read() {
        pulled += 1024;
        this.push(Buffer.alloc(1024, 'x'));
      },
    });
    const error = await registryFailure(answer(500, endless, 'text/plain'), { method: 'GET' });
    assert.equal(error.status, 500);
    assert.ok(pulled < 256 * 1024);
    assert.ok(endless.destroyed);
  });

  it('shows only query values that cannot be secret', () => {
    const url =
      'https://u:p@h/v2/a?X-Amz-Signature=s&sig=t&digest=sha256:ab&scope=repository:a/b:pull,push&mount=m#f';
    assert.equal(
      redactUrl(new URL(url)),
      'https://h/v2/a?X-Amz-Signature=REDACTED&sig=REDACTED&digest=sha256:ab&scope=repository:a/b:pull,push&mount=m',
    );
  });
});
