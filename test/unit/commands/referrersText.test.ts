import assert from 'node:assert/strict';
import { referrersText } from '../../../src/commands/referrersText';
import { digestOf } from '../../../src/oci/digest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import type { ReferrerTree } from '../../../src/operations/discover';

describe('the text of a tree of referrers', () => {
  const node = (artifactType: string, ...referrers: ReferrerTree[]): ReferrerTree => ({
    descriptor: { mediaType: mediaTypes.ociManifest, digest: digestOf(artifactType), size: 1, artifactType },
    referrers,
  });

  it('draws who refers to whom', () => {
    const root = node('root', node('a/first', node('a/deep')), node('a/last'));
    const lines = referrersText('host/name:v1', { root, isWhole: true }).split('\n');
    assert.deepEqual(
      lines.map((line) => line.replace(/sha256:[0-9a-f]{64} */, '')),
      ['host/name:v1', '', '├── a/first', '│   └── a/deep', '└── a/last', ''],
    );
  });

  it('names what is found by a tag of cosign by that', () => {
    const signature = { tag: 'sha256-12.sig', kind: 'signature' } as const;
    const root = node('root', { ...node('a/image'), signature });
    const text = referrersText('host/name:v1', { root, isWhole: true });
    assert.match(text, /└── sha256:[0-9a-f]{64}  sha256-12\.sig  \(Signature \(cosign's tag\)\)/);
  });

  it('keeps a type with line breaks, which a registry may send, in one line', () => {
    const root = node('root', node('a/b\n└── forged'));
    assert.equal(referrersText('host/name:v1', { root, isWhole: true }).split('\n').length, 4);
  });
});
