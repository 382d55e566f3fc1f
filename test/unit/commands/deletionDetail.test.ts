import assert from 'node:assert/strict';
import { deletionDetail } from '../../../src/commands/deletionDetail';
import { keptSignatures } from '../../../src/commands/keptSignatures';
import { signatureTagsOf } from '../../../src/oci/signatureTags';
import { textBlob } from '../../support/artifacts';

describe('the text of a delete', () => {
  const { descriptor } = textBlob('a manifest');
  const plan = { descriptor, tags: ['v1'], sawAllTags: true, referrers: [], signatureTags: [] };

  it('names the tags of cosign that stay', () => {
    const [signature, attestation] = signatureTagsOf(descriptor.digest);
    assert.ok(signature && attestation);
    const one = deletionDetail({ ...plan, signatureTags: [signature] }, 'v1');
    assert.ok(one.endsWith(`\nThis tag of cosign is about it and stays:\n• signature, ${signature.tag}`));
    const two = deletionDetail({ ...plan, signatureTags: [signature, attestation] });
    assert.match(two, /These 2 tags of cosign are about it and stay:/);
    assert.ok(two.endsWith(`• attestation, ${attestation.tag}`));
    assert.doesNotMatch(deletionDetail(plan), /cosign/);
  });
});

describe('the text on signatures that a destination keeps', () => {
  it('names some of them, and is empty without any', () => {
    assert.equal(keptSignatures([]), '');
    assert.match(keptSignatures(['a.sig']), /^ Left as it is .* lacks: a\.sig\.$/);
    assert.match(keptSignatures(['a', 'b', 'c', 'd', 'e']), /lacks: a, b, c and 2 more\.$/);
  });
});
