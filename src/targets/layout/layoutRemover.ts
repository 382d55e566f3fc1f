import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import type { Remover, WaitOptions } from '../../oci/target';
import type { IndexDraft } from './indexDraft';
import type { IndexSnapshot } from './indexSnapshot';
import { notInLayout } from './layoutReader';
import type { LayoutStore } from './layoutStore';

/** Removes content from a layout. What a removed manifest pointed at stays: others may share it. */
export class LayoutRemover implements Remover {
  constructor(private readonly store: LayoutStore) {}

  /** Errors: NotFoundError. */
  async remove({ digest }: Descriptor, options: WaitOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (!(await this.store.exists())) throw notInLayout(this.store.root, digest);
    let wasListed = false;
    const finish = async (next: IndexSnapshot) => {
      // Another edit of the same group may have listed it again.
      if (next.findDigest(digest)) return;
      const removed = await this.store.blobs.remove(digest);
      if (!removed && !wasListed) throw notInLayout(this.store.root, digest);
    };
    const apply = (draft: IndexDraft) => void (wasListed = draft.removeManifest(digest));
    await this.store.index.edit({ apply, finish }, options);
  }

  /** Removes one tag; its manifest stays under its digest. Errors: NotFoundError. */
  async untag(tag: string, options: WaitOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (!(await this.store.exists())) throw notInLayout(this.store.root, `Tag "${tag}"`);
    const left = new Set<Digest>();
    const apply = (draft: IndexDraft) => {
      const before = draft.findTag(tag);
      if (!before) throw notInLayout(this.store.root, `Tag "${tag}"`);
      draft.removeTag(tag);
      left.add(before);
    };
    await this.store.index.edit({ apply, finish: () => this.store.claimUntagged(left) }, options);
  }
}
