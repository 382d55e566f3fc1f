import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../support/projectRoot';

/** What only the code of the AWS SDK says: the protocol names of both APIs, and where it looks for metadata. */
const MARKS = ['AmazonEC2ContainerRegistry_V20150921', 'SpencerFrontendService', 'AWS_EC2_METADATA_DISABLED'];

describe('the AWS SDK', () => {
  const bundle = (name: string) => readFileSync(path.join(projectRoot(), 'dist', name), 'utf8');

  it('is in dist/aws.js', () => {
    const text = bundle('aws.js');
    for (const mark of MARKS) assert.ok(text.includes(mark), mark);
  });

  it('is in no file that is loaded when the extension starts, nor named there as a package', () => {
    for (const name of ['extension.js', 'main.js', 'localRegistry.js']) {
      const text = bundle(name);
      for (const mark of [...MARKS, 'require("@aws-sdk', 'require("@smithy'])
        assert.ok(!text.includes(mark), mark);
    }
  });

  it('loads its parts by require alone, which the extension host patches', () => {
    assert.doesNotMatch(bundle('aws.js'), /\bimport\(["']/);
  });
});
