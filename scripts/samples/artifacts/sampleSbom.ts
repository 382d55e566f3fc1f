import { hexOf, type Digest } from '../../../src/oci/digest';
import type { Attachment } from './attachment';
import { SAMPLE_TIME } from './packFiles';

/** An SPDX document about the image. Spec: SPDX 2.3. */
export function sampleSbom(subject: Digest, version: string): Attachment {
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `tiny-${version}`,
    documentNamespace: `https://example.com/spdx/tiny-${version}`,
    creationInfo: { created: SAMPLE_TIME, creators: ['Organization: OCI Artifacts samples'] },
    packages: [
      {
        SPDXID: 'SPDXRef-Package-tiny',
        name: 'tiny',
        versionInfo: version,
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        licenseConcluded: 'Apache-2.0',
        licenseDeclared: 'Apache-2.0',
        copyrightText: 'NOASSERTION',
        checksums: [{ algorithm: 'SHA256', checksumValue: hexOf(subject) }],
      },
    ],
    relationships: [
      {
        spdxElementId: 'SPDXRef-DOCUMENT',
        relationshipType: 'DESCRIBES',
        relatedSpdxElement: 'SPDXRef-Package-tiny',
      },
    ],
  };
  return {
    artifactType: 'application/spdx+json',
    content: `${JSON.stringify(document, undefined, 2)}\n`,
    annotations: {
      'org.opencontainers.image.created': SAMPLE_TIME,
      'org.opencontainers.image.description': 'What is inside the image, as an SPDX document.',
    },
  };
}
