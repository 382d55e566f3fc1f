import assert from 'node:assert/strict';
import { parseChallenges, type Challenge } from '../../../src/transport/auth/challenge';

const TABLE: readonly [title: string, header: string | null, expected: Challenge[]][] = [
  ['no header', null, []],
  ['an empty header', '', []],
  ['a scheme alone', 'Basic', [{ scheme: 'basic', parameters: {} }]],
  [
    'quoted parameters',
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    [
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.example/token',
          service: 'registry.example',
          scope: 'repository:a/b:pull,push',
        },
      },
    ],
  ],
  [
    'parameters in another order, unquoted, with spaces',
    'bEaReR  service=registry ,  realm = https://auth.example/token',
    [{ scheme: 'bearer', parameters: { realm: 'https://auth.example/token', service: 'registry' } }],
  ],
  ['names in any case', 'BASIC REALM="x"', [{ scheme: 'basic', parameters: { realm: 'x' } }]],
  [
    'several challenges in one header',
    'Basic realm="a, b", Bearer realm="https://c/token",service="s", Negotiate',
    [
      { scheme: 'basic', parameters: { realm: 'a, b' } },
      { scheme: 'bearer', parameters: { realm: 'https://c/token', service: 's' } },
      { scheme: 'negotiate', parameters: {} },
    ],
  ],
  [
    'data in place of parameters',
    'Negotiate dG9rZW4tNjg=, Basic realm=x',
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ],
  ],
  [
    'escaped quotes',
    'Basic realm="a \\"b\\" \\\\"',
    [{ scheme: 'basic', parameters: { realm: 'a "b" \\' } }],
  ],
  ['an empty value', 'Basic realm=""', [{ scheme: 'basic', parameters: { realm: '' } }]],
  [
    'the first of two equal names',
    'Basic realm=a, realm=b',
    [{ scheme: 'basic', parameters: { realm: 'a' } }],
  ],
  ['empty list members', ', ,Basic realm=a, ,', [{ scheme: 'basic', parameters: { realm: 'a' } }]],
];

describe('Challenge parser', () => {
  for (const [title, header, expected] of TABLE) {
    it(`reads ${title}`, () => assert.deepEqual(parseChallenges(header), expected));
  }

  it('comes to an end with any input', () => {
    const alphabet = ['Basic', 'realm', '=', '"', ',', ' ', '\\', 'a', 'x=y', '"q"', 'é', '==', '\t'];
    let seed = 7;
    const next = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    for (let round = 0; round < 5000; round++) {
      const parts = Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]);
      for (const { scheme } of parseChallenges(parts.join(''))) assert.notEqual(scheme, '');
    }
    assert.deepEqual(parseChallenges(`Basic realm="${'\\'.repeat(100_000)}`).length, 1);
  });
});
