import assert from 'node:assert/strict';
import { networkFailure } from '../../../src/transport/networkFailure';

describe('The failure of a request', () => {
  it('tells nothing of the URL, which may sign an upload, in its message or its cause', () => {
    const text = 'request to https://r.test/v2/a/blobs/uploads/1?_state=marked failed, reason: odd';
    const failure = networkFailure('r.test', new Error(text));
    assert.equal(failure.message, 'Cannot reach r.test: odd (UNKNOWN).');
    assert.equal((failure.cause as Error).message, 'odd');
  });

  it('names a proxy that does not answer, without the password', () => {
    for (const place of ['PROXY user:marked@10.0.0.1:3128', 'PROXY 10.0.0.1:3128; DIRECT']) {
      const text = `request to https://r.test/v2/ failed, reason: Failed to establish a socket connection to proxies: ${place}`;
      const failure = networkFailure('r.test', new Error(text));
      assert.equal(
        failure.message,
        'Cannot reach r.test: the proxy 10.0.0.1:3128 does not answer (PROXY_UNREACHABLE).',
      );
      assert.ok(!(failure.cause as Error).message.includes('marked'));
    }
  });

  it('tells a server that wants a client certificate from one that refused it', () => {
    const reason = (code: string) => networkFailure('r.test', Object.assign(new Error('x'), { code })).reason;
    assert.equal(reason('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'it asks for a client certificate');
    assert.equal(reason('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'it refused the client certificate');
  });
});
