import assert from 'node:assert/strict';
import { gitAnnotations } from '../../../src/oci/gitStamp';

const sources: readonly (readonly [remote: string, source: string | undefined])[] = [
  ['https://github.com/team/app.git', 'https://github.com/team/app'],
  ['https://user:token@github.com/team/app', 'https://github.com/team/app'],
  ['https://github.com/team/app/', 'https://github.com/team/app'],
  ['http://git.example:8080/app.git', 'http://git.example:8080/app'],
  ['git@github.com:team/app.git', 'https://github.com/team/app'],
  ['github.com:team/app', 'https://github.com/team/app'],
  ['ssh://git@github.com:2222/team/app.git', 'https://github.com/team/app'],
  ['git://example.com/app.git', 'https://example.com/app'],
  ['/srv/git/app.git', undefined],
  ['../app', undefined],
  ['C:\\git\\app', undefined],
  ['file:///srv/git/app', undefined],
];

describe('gitAnnotations', () => {
  for (const [remoteUrl, source] of sources) {
    it(`makes ${source ?? 'nothing'} of the remote ${remoteUrl}`, () => {
      assert.equal(gitAnnotations({ remoteUrl })['org.opencontainers.image.source'], source);
    });
  }

  it('marks the revision of files that differ from it', () => {
    const revision = 'a'.repeat(40);
    assert.deepEqual(gitAnnotations({ revision, modified: true }), {
      'org.opencontainers.image.revision': `${revision}-dirty`,
    });
  });
});
