import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { certificateDetails, certificateSentence } from '../../../src/oci/certificate';
import { makeSelfSigned } from '../../support/certificateAuthority';

describe('The details of a certificate', () => {
  it('are one line of visible text, whatever the server wrote into it', async () => {
    const hosts = Array.from({ length: 40 }, (_, at) => `DNS:host-${at}.test`).join();
    const { cert } = await makeSelfSigned({ name: 'a\u202eb', hosts });
    const details = certificateDetails(new X509Certificate(cert));
    assert.equal(details.names.length, 201);
    assert.ok(details.names.endsWith('…'));
    assert.doesNotMatch(certificateSentence(details), /[\p{Cc}\p{Cf}]/u);
  });
});
