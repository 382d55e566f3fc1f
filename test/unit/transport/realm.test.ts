import assert from 'node:assert/strict';
import { InvalidContentError } from '../../../src/oci/errors';
import { realmUrl } from '../../../src/transport/auth/realm';

const ALLOWED: readonly [registry: string, realm: string, expected: string][] = [
  ['https://registry.example', 'https://auth.example/token', 'https://auth.example/token'],
  ['https://registry.example', '/token', 'https://registry.example/token'],
  ['https://registry.example:5000', 'token?x=1', 'https://registry.example:5000/token?x=1'],
  ['http://registry.example', 'http://auth.example/token', 'http://auth.example/token'],
  ['http://registry.example', 'https://auth.example/token', 'https://auth.example/token'],
  ['https://10.0.0.5', 'https://10.0.0.5:8443/token', 'https://10.0.0.5:8443/token'],
  ['http://127.0.0.1:5000', 'http://localhost:5001/token', 'http://localhost:5001/token'],
  ['https://registry.example', 'https://8.8.8.8/token', 'https://8.8.8.8/token'],
];

const REFUSED: readonly (readonly [registry: string, realm: string | undefined, reason: RegExp])[] = [
  ['https://registry.example', undefined, /not a URL/],
  ['https://registry.example', 'https://', /not a URL/],
  ['https://registry.example', 'ftp://auth.example/token', /not http or https/],
  ['https://registry.example', 'file:///etc/passwd', /not http or https/],
  ['https://registry.example', 'http://registry.example/token', /plain http/],
  ['https://registry.example', 'https://user@auth.example/token', /user name/],
  ...[
    '127.0.0.1',
    'localhost',
    'app.localhost',
    '0x7f000001',
    '2130706433',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fd00::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:10.0.0.1]',
  ].map((host) => ['https://registry.example', `https://${host}/token`, /internal address/] as const),
  ['https://10.0.0.5', 'https://10.0.0.6/token', /internal address/],
];

describe('Realm of a token server', () => {
  for (const [registry, realm, expected] of ALLOWED) {
    it(`takes ${realm} for ${registry}`, () => {
      assert.equal(realmUrl(realm, new URL(registry)).href, expected);
    });
  }

  for (const [registry, realm, reason] of REFUSED) {
    it(`refuses ${realm} for ${registry}`, () => {
      assert.throws(
        () => realmUrl(realm, new URL(registry)),
        (error) => error instanceof InvalidContentError && reason.test(error.message),
      );
    });
  }
});
