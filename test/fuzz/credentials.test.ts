import assert from 'node:assert/strict';
import fc from 'fast-check';
import { authOfCredential, credentialOfAuth, type DockerAuth } from '../../src/credentials/dockerAuth';
import { removeAuths, setAuth } from '../../src/credentials/dockerConfigEdit';
import { parseDockerConfig } from '../../src/credentials/dockerConfigFile';
import { canonicalHost, matchingKeys, serverKeyOf } from '../../src/credentials/serverKey';
import type { Credential } from '../../src/oci/credential';
import { CredentialStoreError, InvalidContentError } from '../../src/oci/errors';
import { realmUrl } from '../../src/transport/auth/realm';
import type { Outgoing } from '../../src/transport/outgoing';
import { redactUrl, redactUrlsIn } from '../../src/transport/redactUrl';
import { SentSecrets } from '../../src/transport/sentSecrets';
import { fuzz, hostileText, law, only, recordOf, textOf } from '../support/fuzz';

const FILE = 'config.json';
const word = textOf('abcxyz019', { minLength: 1, maxLength: 5 });
const hosts = fc.constantFrom('r.example', 'r.example:5000', 'docker.io', 'localhost:1', '[::1]:5000');
const keys = fc.oneof(
  hosts,
  fc
    .tuple(
      fc.constantFrom('https://', 'http://', ''),
      hosts,
      fc.constantFrom('', '/', '/v1/', '/v2/', '/team', '/v2/x'),
    )
    .map((parts) => parts.join('')),
  fc.constant('https://index.docker.io/v1/'),
);
const auth = fc.record(
  { auth: textOf('QUJD', { maxLength: 8 }), identitytoken: word },
  { requiredKeys: ['auth'], noNullPrototype: true },
);
const others = fc.dictionary(
  fc
    .oneof(
      fc.constantFrom('credsStore', 'psFormat', 'HttpHeaders', 'zz'),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    )
    .filter((name) => !['auths', 'credHelpers', 'credsStore', '__proto__'].includes(name)),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 4 },
);
const indents = fc.constantFrom('\t', '  ', '    ', '');
const configs = fc
  .tuple(others, fc.option(fc.dictionary(keys, auth, { maxKeys: 4 })), indents, fc.boolean(), fc.boolean())
  .map(([fields, auths, indent, windows, first]) => {
    const named = auths === null ? {} : { auths };
    const value = first ? { ...named, ...fields } : { ...fields, ...named };
    const text = JSON.stringify(value, undefined, indent);
    return {
      value: value,
      text: windows ? text.replaceAll('\n', '\r\n') : text,
    };
  });

fuzz('Docker config', [
  law(
    'any text is a config or a CredentialStoreError that does not quote it',
    hostileText(
      '{',
      '}',
      '"auths"',
      ':',
      '"canary"',
      ',',
      '[',
      ']',
      'null',
      '\n',
      '"credHelpers"',
      '\\u0000',
      '//',
      '\ufeff',
    ),
    (text) => {
      try {
        parseDockerConfig(text, FILE);
      } catch (error) {
        assert.ok(error instanceof CredentialStoreError);
        assert.ok(!error.message.includes('canary') && error.cause === undefined);
      }
    },
  ),
  law(
    'an entry is set, and nothing else becomes different',
    fc.tuple(configs, keys, auth),
    ([{ value, text }, key, entry]) => {
      const changed = setAuth(text, key, entry, FILE);
      const expected = { ...value, auths: { ...value.auths, [key]: entry } };
      assert.deepEqual(JSON.parse(changed), JSON.parse(JSON.stringify(expected)));
      assert.equal(setAuth(changed, key, entry, FILE), changed);
      assert.ok(keptBytes(text, changed) >= text.length - spareBytes(value, key, text));
      assert.deepEqual(parseDockerConfig(changed, FILE).auths.get(key), { ...entry });
    },
    { weight: 0.4 },
  ),
  law(
    'an entry is removed, and the rest is as it was before it was set',
    fc.tuple(configs, keys, auth),
    ([{ value, text }, key, entry]) => {
      const without = removeAuths(text, [key], FILE);
      const entries = Object.entries(value.auths ?? {}).filter(([name]) => name !== key);
      assert.deepEqual(JSON.parse(without), {
        ...(JSON.parse(JSON.stringify(value)) as object),
        ...(value.auths && { auths: JSON.parse(JSON.stringify(Object.fromEntries(entries))) as object }),
      });
      const again = removeAuths(setAuth(without, key, entry, FILE), [key], FILE);
      if (entries.length > 0) assert.equal(again, without);
      else assert.deepEqual(JSON.parse(again), { ...(JSON.parse(without) as object), auths: {} });
    },
    { weight: 0.4 },
  ),
  law('a credential comes back as it was written', credentials(), (credential) => {
    const entry: unknown = JSON.parse(JSON.stringify(authOfCredential(credential, FILE)));
    assert.deepEqual(credentialOfAuth(entry, FILE, 'key'), credential);
  }),
  law(
    'any entry is a credential or a CredentialStoreError',
    fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.dictionary(
        fc.constantFrom('auth', 'username', 'password', 'identitytoken', 'registrytoken'),
        fc.oneof(fc.string(), fc.base64String(), fc.jsonValue({ maxDepth: 0 })),
      ),
    ),
    (entry) => void only(CredentialStoreError, () => credentialOfAuth(entry, FILE, 'key')),
  ),
]);

function credentials(): fc.Arbitrary<Credential> {
  const secret = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });
  const username = secret.map((text) => text.replaceAll(':', '')).filter((text) => text !== '');
  return fc.oneof(
    recordOf({ kind: fc.constant('basic' as const), username, password: secret }),
    fc.record(
      { kind: fc.constant('identityToken' as const), token: secret, username },
      { requiredKeys: ['kind', 'token'], noNullPrototype: true },
    ),
    recordOf({ kind: fc.constant('registryToken' as const), token: secret }),
  );
}

/** How much of a text stands at the two ends of what it became. */
function keptBytes(before: string, after: string): number {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return head + tail;
}

/** What may go: the entry that was there, and the braces of an object that was empty. */
function spareBytes(
  value: { readonly auths?: Record<string, DockerAuth> },
  key: string,
  text: string,
): number {
  if (Object.keys(value).length === 0 || (value.auths && Object.keys(value.auths).length === 0)) return 2;
  const entry = value.auths?.[key];
  return entry ? JSON.stringify(entry, undefined, 12).length + text.split('\n').length : 0;
}

fuzz('Server keys', [
  law(
    'stand for a host exactly, with a scheme, or with an API version',
    fc.tuple(fc.array(keys, { maxLength: 6 }), hosts),
    ([list, host]) => {
      const found = matchingKeys(list, host);
      assert.ok(found.every((key) => list.includes(key)));
      for (const key of list) {
        const [, scheme = '', name = '', rest = ''] = /^(https?:\/\/)?([^/]*)(.*)$/.exec(key) ?? [];
        const names = canonicalHost(name) === canonicalHost(host);
        const whole = scheme !== '' || ['', '/', '/v1/', '/v2/'].includes(rest);
        assert.equal(found.includes(key), key === serverKeyOf(host) || (names && whole), key);
      }
      if (list.includes(serverKeyOf(host))) assert.equal(found[0], serverKeyOf(host));
    },
  ),
  law(
    'are found for any text without an error',
    fc.tuple(fc.array(hostileText('https://', '/', 'r.example', ':'), { maxLength: 4 }), hosts),
    ([list, host]) => {
      assert.ok(matchingKeys(list, host).length <= list.length);
    },
  ),
]);

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const internalOctets = fc
  .tuple(fc.constantFrom([127], [10], [0], [192, 168], [169, 254], [172, 20], [100, 100], [224]), octets)
  .map(([start, rest]) => [...start, ...rest].slice(0, 4));

/** An IPv4 address in one of the spellings that URLs take for it. */
function spelled(address: fc.Arbitrary<readonly number[]>) {
  return fc
    .tuple(address, fc.constantFrom(10, 8, 16), fc.integer({ min: 1, max: 4 }), fc.constantFrom('', '.'))
    .map(([bytes, base, parts, dot]) => {
      const number = (value: number) =>
        ({ 10: `${value}`, 8: `0${value.toString(8)}`, 16: `0x${value.toString(16)}` })[base] ?? '';
      const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0);
      return [...bytes.slice(0, parts - 1), last].map(number).join('.') + dot;
    });
}

fuzz('Realm', [
  law(
    'any realm is an address that may be asked, or an InvalidContentError',
    hostileText(
      'https://',
      'http://',
      'localhost',
      '127.0.0.1',
      '.',
      ':',
      '@',
      '/',
      '[::1]',
      '\\',
      '%',
      'auth.example',
      '10.',
      '0x7f',
      'ftp:',
    ),
    (realm) => {
      const url = only(InvalidContentError, () => realmUrl(realm, new URL('https://registry.example')));
      if (!url) return;
      assert.equal(url.protocol, 'https:');
      assert.equal(url.username + url.password, '');
      assert.doesNotMatch(url.hostname, /^(?:127|10|0)(?:\.\d+){3}$|^localhost\.?$|^\[::1\]$/);
    },
  ),
  law('no spelling of an internal address may be asked', spelled(internalOctets), (host) => {
    assert.throws(
      () => realmUrl(`https://${host}/token`, new URL('https://registry.example')),
      InvalidContentError,
    );
  }),
  law(
    'no address that a gateway turns into an internal one may be asked',
    fc.tuple(internalOctets, fc.constantFrom('::', '::ffff:', '64:ff9b::')),
    ([bytes, prefix]) => {
      assert.throws(
        () => realmUrl(`https://[${prefix}${bytes.join('.')}]/`, new URL('https://registry.example')),
        InvalidContentError,
      );
    },
  ),
]);

const secrets = fc.string({ unit: 'grapheme', minLength: 6, maxLength: 16 });

fuzz('Secrets in texts', [
  law(
    'do not come through, however they are spelled',
    fc.tuple(secrets, fc.constantFrom(0, 1, 2, 3, 4, 5, 6)),
    ([secret, way]) => {
      const url = new URL('https://registry.example/');
      const sent = new SentSecrets();
      const outgoing: Outgoing = {
        method: 'GET',
        url,
        origin: url,
        endpoint: { host: url.host, plainHttp: false, insecure: false },
        headers: {},
        scopes: [],
        secrets: [secret],
      };
      sent.noteAll(outgoing);
      const spellings = [
        secret,
        JSON.stringify(secret).slice(1, -1),
        JSON.stringify(JSON.stringify(secret)).slice(3, -3),
        encodeURIComponent(secret),
        new URLSearchParams({ a: secret }).toString().slice(2),
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('base64url'),
      ];
      const spelling = spellings[way] ?? '';
      assert.equal(sent.scrub(`[${spelling}]`), '[(secret)]');
    },
  ),
  law(
    'do not come through in the query or the user of a URL',
    fc.tuple(word, fc.constantFrom('X-Amz-Signature', 'sig', 'token', '_state', 'refresh_token')),
    ([text, name]) => {
      const secret = `canary${text}`;
      const url = `https://${secret}:${secret}@store.example/blob?digest=x&${name}=${secret}&n=1#${secret}`;
      assert.ok(!redactUrl(new URL(url)).includes('canary'));
      assert.ok(!redactUrlsIn(`request to ${url} failed, reason: none`).includes('canary'));
    },
  ),
]);
