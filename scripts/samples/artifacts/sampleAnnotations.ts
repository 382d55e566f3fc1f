import type { Annotations } from '../../../src/oci/descriptor';
import { SAMPLE_TIME } from './packFiles';

/** The annotations that a careful publisher gives. */
export function sampleAnnotations(title: string, description: string, version: string): Annotations {
  return {
    'org.opencontainers.image.created': SAMPLE_TIME,
    'org.opencontainers.image.title': title,
    'org.opencontainers.image.description': description,
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.source': 'https://example.com/oci-artifacts/samples',
    'org.opencontainers.image.licenses': 'Apache-2.0',
  };
}
