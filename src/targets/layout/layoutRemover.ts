import type { Descriptor } from '../../oci/descriptor';
import type { Remover, WaitOptions } from '../../oci/target';
import { notInLayout } from './layoutReader';
import type { LayoutStore } from './layoutStore';

/** Removes content from a layout. What a removed manifest pointed at stays: others may share it. */
export class LayoutRemover implements Remover {
  constructor(private readonly store: LayoutStore) {}

  /** Errors: NotFoundError. */
  async remove({ digest }: Descriptor, options: WaitOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (!(await this.store.exists())) throw notInLayout(this.store.root, digest);
    await this.store.index.change(async (now, commit) => {
      const next = now.withoutManifest(digest);
      if (next !== now) await commit(next);
      const removed = await this.store.blobs.remove(digest);
      if (!removed && next === now) throw notInLayout(this.store.root, digest);
    }, options);
  }

  /** Removes one tag; its manifest stays under its digest. Errors: NotFoundError. */
  async untag(tag: string, options: WaitOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (!(await this.store.exists())) throw notInLayout(this.store.root, `Tag "${tag}"`);
    await this.store.index.change(async (now, commit) => {
      const next = now.withoutTag(tag);
      if (next === now) throw notInLayout(this.store.root, `Tag "${tag}"`);
      await commit(next);
    }, options);
  }
}
