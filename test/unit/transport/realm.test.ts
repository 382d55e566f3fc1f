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
  ['https://registry.example', 'https://[::ffff:8.8.8.8]/token', 'https://[::ffff:808:808]/token'],
  ['https://registry.example', 'https://[2606:4700::1111]/token', 'https://[2606:4700::1111]/token'],
  ['https://registry.example.', 'https://registry.example/token', 'https://registry.example/token'],
  ['https://10.0.0.5', 'https://0x0a.5/token', 'https://10.0.0.5/token'],
  ['https://[fd00::5]', 'https://[FD00:0::5]/token', 'https://[fd00::5]/token'],
  ['https://registry.corp.internal', 'https://auth.corp.internal/t', 'https://auth.corp.internal/t'],
  ['http://10.0.0.5', 'https://auth.corp.local/t', 'https://auth.corp.local/t'],
  ['https://registry.example', 'https://localhost.example/t', 'https://localhost.example/t'],
  ['https://registry.example', 'https://my-localhost/t', 'https://my-localhost/t'],
  ['https://registry.example', 'https://bücher.example/t', 'https://xn--bcher-kva.example/t'],
  ['https://registry.example', '//auth.example/token', 'https://auth.example/token'],
  ['https://registry.example', 'https:\\\\auth.example\\token', 'https://auth.example/token'],
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
    'LOCALHOST',
    'localhost.',
    'app.localhost.',
    'localhost.localdomain',
    'ip6-localhost',
    '127.1',
    '0177.0.0.1',
    '017700000001',
    '0x7f.1',
    '10.1',
    '0xa.0.0.1',
    '127.0.0.1.',
    '１２７.0.0.1',
    'ⓛocalhost',
    '%6c%6f%63alhost',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[0:0:0:0:0:0:0:1]',
    '[::127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:169.254.169.254]',
    '[febf::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::1]',
    '[2001::1]',
    '[2002:7f00:1::]',
    'printer.local',
    'printer.local.',
    'metadata.google.internal',
    'router.home.arpa',
  ].map((host) => ['https://registry.example', `https://${host}/token`, /internal address/] as const),
  ['https://10.0.0.5', 'https://10.0.0.6/token', /internal address/],
  ['https://10.0.0.5', 'https://127.0.0.1/token', /internal address/],
  ['https://registry.corp.internal', 'https://169.254.169.254/token', /internal address/],
  ['http://127.0.0.1:5000', 'http://192.168.0.1/token', /internal address/],
  ['http://registry.example', 'http://127.0.0.1/token', /internal address/],
  ['https://registry.example', 'https://[fe80::1%25eth0]/token', /not a URL/],
  ['https://registry.example', 'https://1.2.3.4.5/token', /not a URL/],
  ['https://registry.example', 'https://256.0.0.1/token', /not a URL/],
  ['https://registry.example', 'https://exa mple/token', /not a URL/],
  ['https://registry.example', 'https://:secret@auth.example/token', /user name/],
  ['https://registry.example', 'https://auth.example@127.0.0.1/token', /user name/],
  ['https://registry.example', 'javascript:alert(1)', /not http or https/],
  ['https://registry.example', 'data:,x', /not http or https/],
  ['https://registry.example', 'HTTP://auth.example/token', /plain http/],
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
