import assert from 'node:assert/strict';
import { orasPushCommand } from '../../../src/oci/orasCommand';

describe('orasPushCommand', () => {
  it('says all that oras has a flag for', () => {
    const { line, beyond } = orasPushCommand({
      to: 'localhost:5000/team/app:v1,latest',
      artifactType: 'application/vnd.example.v1',
      files: [{ path: 'a b.txt', mediaType: 'text/plain' }, { path: 'c' }],
      config: { path: 'config.json', mediaType: 'application/x' },
      annotations: { key: "it's <b>" },
      created: '2024-05-06T07:08:09Z',
      annotationFile: 'annotations.json',
      imageSpec: 'v1.1',
      artifactPlatform: 'linux/amd64',
      force: true,
      exportManifest: 'out.json',
    });
    assert.equal(
      line,
      [
        'oras push localhost:5000/team/app:v1,latest --artifact-type application/vnd.example.v1',
        '--config config.json:application/x --annotation org.opencontainers.image.created=2024-05-06T07:08:09Z',
        "--annotation 'key=it'\\''s <b>' --annotation-file annotations.json --image-spec v1.1",
        "--artifact-platform linux/amd64 --export-manifest out.json --force 'a b.txt:text/plain' c",
      ].join(' '),
    );
    assert.deepEqual(beyond, []);
  });

  it('names an OCI layout the way oras does', () => {
    const { line } = orasPushCommand({ to: 'layout:/somewhere/app:v1', files: [] });
    assert.equal(line, 'oras push --oci-layout /somewhere/app:v1');
  });

  it('says what oras has no flag for', () => {
    const { beyond } = orasPushCommand({
      to: 'localhost:5000/a',
      files: [{ path: 'a', title: 'b', annotations: { c: 'd' } }],
      configAnnotations: { e: 'f' },
      ignoreFile: 'none',
      keepModes: true,
      mountFrom: ['g'],
    });
    assert.deepEqual(beyond, [
      'titles other than the paths',
      'annotations of files',
      'annotations of the config',
      'ignore files',
      'kept permissions',
      'mounting from other repositories',
    ]);
  });
});
