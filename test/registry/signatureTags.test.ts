import assert from 'node:assert/strict';
import { copy } from '../../src/operations/copy';
import { planDelete } from '../../src/operations/planDelete';
import { signatureTagsOf } from '../../src/oci/signatureTags';
import { Registry } from '../../src/targets/registry/registry';
import { collect, pushArtifact, textBlob } from '../support/artifacts';
import { serverKinds, useServer } from '../support/serverKinds';
import { testTransport } from '../support/testTransport';

for (const kind of serverKinds) {
  describe(`Signatures under the tags of cosign on ${kind.name}`, function () {
    this.timeout(30_000);
    const server = useServer(kind);

    it('come along with a copy, and are listed before a delete', async () => {
      const registry = new Registry(server.host(), testTransport());
      const [from, to] = [registry.repository('signed/from'), registry.repository('signed/to')];
      const image = await pushArtifact(from, [textBlob('an image')]);
      await from.tag(image, 'v1');
      const signature = await pushArtifact(from, [textBlob('a payload')]);
      const [{ tag, kind: what } = { tag: '', kind: '' }] = signatureTagsOf(image.descriptor.digest);
      await from.tag(signature, tag);
      await copy(from, to, 'v1', { tags: ['v1'], referrers: true });
      assert.deepEqual((await collect(to.tags())).sort(), [tag, 'v1'].sort());
      assert.equal((await to.resolve(tag)).digest, signature.descriptor.digest);
      assert.deepEqual((await planDelete(to, 'v1')).signatureTags, [{ tag, kind: what }]);
    });
  });
}
