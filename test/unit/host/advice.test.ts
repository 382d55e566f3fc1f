import assert from 'node:assert/strict';
import { adviceFor } from '../../../src/host/advice';
import {
  ContentMismatchError,
  CredentialStoreError,
  NetworkError,
  NotFoundError,
  NotListedError,
  RegistryError,
  SignInRequiredError,
  UnsupportedError,
  type RegistryFailure,
} from '../../../src/oci/errors';

describe('adviceFor', () => {
  const failure = (status: number): RegistryFailure => ({
    method: 'GET',
    url: 'https://r.test/v2/',
    status,
    details: [{ code: 'UNAUTHORIZED', message: 'no' }],
    body: '',
  });

  const rows: readonly (readonly [string, unknown, string, RegExp])[] = [
    [
      '401 without credentials',
      new SignInRequiredError('r.test', false, failure(401)),
      'signIn',
      /^Sign in to r\.test$/,
    ],
    [
      '401 with credentials',
      new SignInRequiredError('r.test', true, failure(401)),
      'signIn',
      /denied access/,
    ],
    [
      'a store that is broken',
      new CredentialStoreError('docker-credential-gone', 'it is not installed'),
      'retry',
      /^docker-credential-gone: it is not installed\.$/,
    ],
    [
      'a manifest that is not listed for want of a sign-in',
      new NotListedError('the list was not written.', new SignInRequiredError('r.test', true, failure(403))),
      'signIn',
      /^Attached, but not listed: the list was not written\.$/,
    ],
    ['403', new SignInRequiredError('r.test', true, failure(403)), 'signIn', /denied access/],
    [
      'a tag that cannot be removed alone',
      new UnsupportedError('removing a tag alone', 'r.test'),
      'showLog',
      /^r\.test does not support removing a tag alone\.$/,
    ],
    [
      'an unknown host',
      new NetworkError('r.test', 'ENOTFOUND', 'no such host'),
      'retry',
      /r\.test \(ENOTFOUND\)/,
    ],
    [
      'a self-signed certificate',
      new NetworkError('r.test', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'),
      'chooseCaFile',
      /certificate of r\.test/,
    ],
    [
      'plain HTTP behind https',
      new NetworkError('r.test', 'EPROTO', 'wrong version'),
      'usePlainHttp',
      /does not speak HTTPS/,
    ],
    ['no catalog', new UnsupportedError('listing repositories', 'r.test'), 'addRepository', /does not list/],
    [
      '429',
      new RegistryError({ ...failure(429), details: [{ code: 'TOOMANYREQUESTS', message: 'rate limit' }] }),
      'signIn',
      /^r\.test lets no more through/,
    ],
    ['an immutable tag', new RegistryError(failure(412)), 'retry', /^r\.test keeps this as it is/],
    [
      'an unknown config media type',
      new RegistryError({
        ...failure(400),
        details: [{ code: 'MANIFEST_INVALID', message: 'config media type is not allowed' }],
      }),
      'retry',
      /does not take this kind of artifact/,
    ],
    [
      'a media type that a detail refuses',
      new RegistryError({
        ...failure(400),
        details: [
          { code: 'MANIFEST_INVALID', message: 'manifest invalid', detail: 'it does not match schema' },
        ],
      }),
      'retry',
      /does not take this kind of artifact/,
    ],
    ['404', new NotFoundError('r.test/x:1', failure(404)), 'retry', /r\.test\/x:1 was not found/],
    [
      'wrong bytes',
      new ContentMismatchError('sha256:a', 'sha256:b', 'r.test'),
      'retry',
      /expected sha256:a, got sha256:b/,
    ],
    ['anything else', new Error('odd'), 'retry', /odd/],
  ];
  for (const [title, error, step, summary] of rows) {
    it(`offers "${step}" first for ${title}`, () => {
      const advice = adviceFor(error);
      assert.equal(advice.steps[0], step);
      assert.match(advice.summary, summary);
    });
  }

  it('offers to sign in where a source of credentials failed', () => {
    const error = new CredentialStoreError('AWS profile "work"', 'its single sign-on session has ended');
    assert.ok(adviceFor(error).steps.includes('signIn'));
  });
});
