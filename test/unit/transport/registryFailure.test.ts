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
    const body = '{"errors":[{"code":"DENIED","message":"not\\u0007 now"},{"code":"X"},"y",{"message":"z"}]}';
    const error = await registryFailure(answer(400, body), { method: 'PUT' });
    assert.deepEqual(error.failure.details, [
      { code: 'DENIED', message: 'not now' },
      { code: 'X', message: '' },
    ]);
    assert.equal(
      error.message,
      'PUT https://registry.example/v2/x?token=REDACTED&n=1 answered 400 (DENIED: not now; X).',
    );
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
