import assert from 'node:assert/strict';
import { digestOf } from '../../../src/oci/digest';
import { layoutPlace } from '../../../src/oci/layoutPlace';
import { manifestUri, parseManifestUri } from '../../../src/views/manifestUri';

describe('manifestUri', () => {
  const digest = digestOf('{}');
  for (const host of ['127.0.0.1:5000', 'registry.example.com', '[::1]:5000']) {
    it(`comes back whole for ${host}`, () => {
      const address = { host, repository: 'team/app', digest };
      assert.deepEqual(parseManifestUri(manifestUri(address)), address);
    });
  }

  for (const name of ['backup', 'with space & more?.tar', '100%#1']) {
    it(`comes back whole for a layout on disk: ${name}`, () => {
      const { host, name: repository } = layoutPlace(`/home/Me/a b/${name}`);
      const address = { host, repository, digest };
      assert.deepEqual(parseManifestUri(manifestUri(address)), address);
    });
  }

  for (const text of [
    `file:///team/app/${digest}.json`,
    'oci-manifest://r.test/app/latest.json',
    'oci-manifest:',
  ]) {
    it(`refuses ${text}`, () => assert.equal(parseManifestUri(text), undefined));
  }
});
