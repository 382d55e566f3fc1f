import assert from 'node:assert/strict';
import type { Descriptor } from '../../../src/oci/descriptor';
import { NotFoundError } from '../../../src/oci/errors';
import type { ContentSource, EarlyUpload, TransferOptions } from '../../../src/oci/target';
import { CreatedOnDemand } from '../../../src/operations/createdOnDemand';
import { MemoryTarget } from '../../../src/targets/memory';
import { pushArtifact, sourceOf, textBlob } from '../../support/artifacts';

/** Refuses to write until its repository is made, as a registry says it. */
class MissingRepository extends MemoryTarget {
  isMade = false;
  code = 'NAME_UNKNOWN';

  override async push(descriptor: Descriptor, content: ContentSource, options?: TransferOptions) {
    this.requireRepository();
    await super.push(descriptor, content, options);
  }

  async beginEarly(): Promise<EarlyUpload> {
    this.requireRepository();
    const done = async () => undefined;
    return { settled: done(), complete: done, cancel: done };
  }

  async mount(): Promise<boolean> {
    this.requireRepository();
    return false;
  }

  private requireRepository(): void {
    if (this.isMade) return;
    const details = [{ code: this.code, message: 'no such repository' }];
    throw new NotFoundError('r.io/x', {
      method: 'POST',
      url: 'https://r.io/',
      status: 404,
      details,
      body: '',
    });
  }
}

describe('a repository that is made in the midst of a push', () => {
  let target: MissingRepository;
  let asked: number;
  let answer: () => Promise<boolean>;
  let destination: CreatedOnDemand;

  beforeEach(() => {
    target = new MissingRepository();
    asked = 0;
    answer = async () => (target.isMade = true);
    destination = new CreatedOnDemand(target, () => {
      asked++;
      return answer();
    });
  });

  it('is asked for once, and every write goes on', async () => {
    const blobs = ['a', 'b', 'c'].map((text) => textBlob(text));
    await Promise.all(blobs.map(({ descriptor, bytes }) => destination.push(descriptor, sourceOf(bytes))));
    const manifest = await pushArtifact(destination, blobs);
    await destination.tag(manifest, 'v1');
    assert.equal(asked, 1);
    assert.equal((await target.resolve('v1')).digest, manifest.descriptor.digest);
  });

  it('is made for a mount too', async () => {
    assert.equal(await destination.mount(textBlob('a').descriptor, 'other'), false);
    assert.equal(target.isMade, true);
  });

  it('is made for what is sent before its digest is known, where the registry takes that', async () => {
    const file = { sizeBytes: 1, content: sourceOf(Buffer.from('a')) };
    assert.ok(await destination.beginEarly(file));
    assert.equal(target.isMade, true);
    const plain = new CreatedOnDemand(
      Object.assign(new MemoryTarget(), { mount: async () => false }),
      answer,
    );
    assert.equal(await plain.beginEarly(file), undefined);
  });

  it('is not made after a no, and the error is that of the registry', async () => {
    answer = async () => false;
    await assert.rejects(pushArtifact(destination, [textBlob('a')]), NotFoundError);
    await assert.rejects(pushArtifact(destination, [textBlob('b')]), NotFoundError);
    assert.equal(asked, 1);
  });

  it('is not offered for something else that is missing', async () => {
    target.code = 'BLOB_UPLOAD_UNKNOWN';
    await assert.rejects(pushArtifact(destination, [textBlob('a')]), NotFoundError);
    assert.equal(asked, 0);
  });

  it('does not hold up a cancel while the question is open', async () => {
    const controller = new AbortController();
    const reason = new DOMException('stop', 'AbortError');
    answer = () => {
      controller.abort(reason);
      return new Promise(() => undefined);
    };
    const { descriptor, bytes } = textBlob('a');
    const { signal } = controller;
    await assert.rejects(
      destination.push(descriptor, sourceOf(bytes), { signal }),
      (error) => error === reason,
    );
  });
});
