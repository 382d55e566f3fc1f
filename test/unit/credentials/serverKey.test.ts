import assert from 'node:assert/strict';
import { matchingKeys, narrowerKeys, serverKeyOf } from '../../../src/credentials/serverKey';

describe('keys of a registry in a docker config', () => {
  const hubKey = 'https://index.docker.io/v1/';
  const names: [host: string, key: string][] = [
    ['registry.example.com', 'registry.example.com'],
    ['127.0.0.1:5000', '127.0.0.1:5000'],
    ['docker.io', hubKey],
    ['index.docker.io', hubKey],
    ['registry-1.docker.io', hubKey],
  ];
  for (const [host, key] of names) {
    it(`names ${host} ${key}`, () => assert.equal(serverKeyOf(host), key));
  }

  const searches: [what: string, keys: string[], host: string, found: string[]][] = [
    ['an exact key', ['r.io', 'x.io'], 'r.io', ['r.io']],
    ['the exact key before an older one', ['https://r.io/v1/', 'r.io'], 'r.io', ['r.io', 'https://r.io/v1/']],
    ['a key with a scheme', ['https://r.io'], 'r.io', ['https://r.io']],
    ['a key with a scheme and a path', ['http://r.io:5000/v1/'], 'r.io:5000', ['http://r.io:5000/v1/']],
    ['a key with an API version', ['r.io/v2/'], 'r.io', ['r.io/v2/']],
    ['no key of another port', ['https://r.io:443/v1/'], 'r.io', []],
    ['no key of a host that ends the same', ['https://evil-r.io/v1/', 'r.io.evil'], 'r.io', []],
    ['no key narrowed to a repository', ['r.io/team'], 'r.io', []],
    [
      "Docker Hub's keys",
      ['docker.io', 'https://registry-1.docker.io', hubKey],
      'docker.io',
      [hubKey, 'docker.io', 'https://registry-1.docker.io'],
    ],
  ];
  for (const [what, keys, host, found] of searches) {
    it(`finds ${what}`, () => assert.deepEqual(matchingKeys(keys, host), found));
  }

  const team = ['r.io/team', 'r.io', 'r.io/team/app', 'r.io/te', 'x.io/team', 'r.io/team/app/deep'];
  const parts: [
    what: string,
    keys: string[],
    host: string,
    repository: string | undefined,
    found: string[],
  ][] = [
    ['the narrowest first', team, 'r.io', 'team/app', ['r.io/team/app', 'r.io/team']],
    ['whole components alone', team, 'r.io', 'team2/app', []],
    ['only what covers the repository', team, 'r.io', 'team/other', ['r.io/team']],
    ['nothing of another host or port', team, 'r.io:5000', 'team/app', []],
    ['nothing without a repository', team, 'r.io', undefined, []],
    [
      'each name of Docker Hub',
      ['index.docker.io/library', 'docker.io/library/alpine', 'docker.io'],
      'registry-1.docker.io',
      'library/alpine',
      ['docker.io/library/alpine', 'index.docker.io/library'],
    ],
  ];
  for (const [what, keys, host, repository, found] of parts) {
    it(`finds for a part of a registry ${what}`, () =>
      assert.deepEqual(narrowerKeys(keys, host, repository), found));
  }
});
