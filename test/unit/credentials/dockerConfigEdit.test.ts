import assert from 'node:assert/strict';
import { CredentialStoreError } from '../../../src/oci/errors';
import { removeAuths, setAuth } from '../../../src/credentials/dockerConfigEdit';

const file = 'config.json';
const auth = { auth: 'dTpw' };

describe('writing an entry into a docker config', () => {
  const asOras = '{\n\t"auths": {\n\t\t"r.io": {\n\t\t\t"auth": "dTpw"\n\t\t}\n\t}\n}';
  const cases: [what: string, before: string, after: string][] = [
    ['makes a new file as oras does', '', asOras],
    ['takes a blank file for a new one', ' \n', asOras],
    ['fills an empty object', '{}', asOras],
    ['keeps the newline at the end', '{}\n', `${asOras}\n`],
    ['fills an empty list of entries', '{\n\t"auths": {}\n}', asOras],
    ['puts a list in place of null', '{\n\t"auths": null\n}', asOras],
    ['replaces an entry', asOras.replace('dTpw', 'b2xkOm9sZA=='), asOras],
    [
      'keeps numbers, order, unknown members and spacing byte for byte',
      '{\n  "z" : 12345678901234567890,\n\n  "auths": {\n    "x.io": {"auth": "eDp4",  "email": 1.0}\n  },\n  "a": [1.0, 1e400]\n}\n',
      '{\n  "z" : 12345678901234567890,\n\n  "auths": {\n    "r.io": {\n      "auth": "dTpw"\n    },\n    "x.io": {"auth": "eDp4",  "email": 1.0}\n  },\n  "a": [1.0, 1e400]\n}\n',
    ],
    [
      'sorts a new entry in among sorted ones',
      '{\n\t"auths": {\n\t\t"a.io": {},\n\t\t"z.io": {}\n\t}\n}',
      '{\n\t"auths": {\n\t\t"a.io": {},\n\t\t"r.io": {\n\t\t\t"auth": "dTpw"\n\t\t},\n\t\t"z.io": {}\n\t}\n}',
    ],
    [
      'puts a new entry behind unsorted ones',
      '{\n\t"auths": {\n\t\t"z.io": {},\n\t\t"a.io": {}\n\t}\n}',
      '{\n\t"auths": {\n\t\t"z.io": {},\n\t\t"a.io": {},\n\t\t"r.io": {\n\t\t\t"auth": "dTpw"\n\t\t}\n\t}\n}',
    ],
    [
      'adds the list of entries with four spaces and Windows line ends',
      '{\r\n    "credsStore": ""\r\n}\r\n',
      '{\r\n    "auths": {\r\n        "r.io": {\r\n            "auth": "dTpw"\r\n        }\r\n    },\r\n    "credsStore": ""\r\n}\r\n',
    ],
    [
      'stays on one line where the file does',
      '{"auths":{"x.io":{"auth":"eDp4"}}}',
      '{"auths":{"r.io":{"auth":"dTpw"},"x.io":{"auth":"eDp4"}}}',
    ],
    [
      'stays on one line where only the list does',
      '{\n  "auths": { "a.io": {} }\n}',
      '{\n  "auths": { "a.io": {}, "r.io": {"auth": "dTpw"} }\n}',
    ],
  ];
  for (const [what, before, after] of cases) {
    it(what, () => {
      assert.equal(setAuth(before, 'r.io', auth, file), after);
      if (before.trim() !== '') JSON.parse(after);
    });
  }

  it('writes a key of any text as a key', () => {
    const written = setAuth('{}', '__proto__', { identitytoken: 'a"\\<&' }, file);
    assert.match(written, /"identitytoken": "a\\"\\\\\\u003c\\u0026"/);
    const { auths } = JSON.parse(written) as { auths: object };
    assert.deepEqual(Object.entries(auths), [['__proto__', { identitytoken: 'a"\\<&' }]]);
  });

  it('refuses a member that appears twice', () => {
    for (const text of ['{"auths":{},"auths":{}}', '{"auths":{"r.io":{},"r.io":{}}}']) {
      assert.throws(() => setAuth(text, 'r.io', auth, file), CredentialStoreError);
    }
  });
});

describe('removing an entry from a docker config', () => {
  const cases: [what: string, before: string, after: string][] = [
    [
      'leaves an empty list',
      '{\n\t"auths": {\n\t\t"r.io": {}\n\t},\n\t"x": 1.0\n}\n',
      '{\n\t"auths": {},\n\t"x": 1.0\n}\n',
    ],
    [
      'takes the first',
      '{\n "auths": {\n  "r.io": {},\n  "z": {}\n }\n}',
      '{\n "auths": {\n  "z": {}\n }\n}',
    ],
    ['takes the middle one', '{"auths":{"a":{}, "r.io":{"auth":"x"}, "z":{}}}', '{"auths":{"a":{}, "z":{}}}'],
    ['takes the last', '{\n "auths": {\n  "a": {},\n  "r.io": {}\n }\n}', '{\n "auths": {\n  "a": {}\n }\n}'],
    ['takes each spelling', '{"auths":{"https://r.io/v1/":{},"a":{},"r.io":{}}}', '{"auths":{"a":{}}}'],
    ['leaves a file without it alone', '{"auths":{"a":{}}}', '{"auths":{"a":{}}}'],
    ['leaves a file without a list alone', '{ "x": 1.0 }', '{ "x": 1.0 }'],
  ];
  for (const [what, before, after] of cases) {
    it(what, () => assert.equal(removeAuths(before, ['r.io', 'https://r.io/v1/'], file), after));
  }
});
