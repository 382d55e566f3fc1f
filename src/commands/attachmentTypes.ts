import type { Suggestion } from '../host/pickOrType';
import { kindOf } from '../oci/artifactKinds';

/** What is often attached; the table of kinds has the words for each. */
export const oftenAttached: readonly string[] = [
  'application/spdx+json',
  'application/vnd.cyclonedx+json',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
  'application/vnd.in-toto+json',
  'application/sarif+json',
  'application/vnd.openvex+json',
];

/** An artifact type to offer, with the word that people have for it. */
export function typeSuggestion(value: string): Suggestion {
  const { name, icon } = kindOf(value);
  return { value, description: name || 'used before', icon };
}
