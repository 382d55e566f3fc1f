import assert from 'node:assert/strict';
import { digestOf, type Digest } from '../../../src/oci/digest';
import { InvalidContentError } from '../../../src/oci/errors';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import type { ManifestContent, Reader } from '../../../src/oci/target';
import { walkGraph } from '../../../src/operations/contentGraph';
import { discover } from '../../../src/operations/discover';

const mediaType = mediaTypes.ociIndex;
const nameOf = (level: number) => digestOf(`level ${level}`);

/** A registry whose manifests lead on to one another, as no digests could: `next` says where each leads. */
function liar(next: (level: number) => number | undefined) {
  const levels = new Map<string, number>(Array.from({ length: 200 }, (_, level) => [nameOf(level), level]));
  const read: string[] = [];
  const listed = (level: number | undefined) =>
    level === undefined ? [] : [{ mediaType, digest: nameOf(level), size: 1 }];
  const source = {
    readManifest: async (digest: Digest): Promise<ManifestContent> => {
      read.push(digest);
      const manifests = listed(next(levels.get(digest) ?? 0));
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
      return { bytes, descriptor: { mediaType, digest, size: bytes.length } };
    },
    resolve: async () => ({ mediaType, digest: nameOf(0), size: 1 }),
    referrers: async function* ({ digest }: { readonly digest: Digest }) {
      read.push(digest);
      yield* listed(next(levels.get(digest) ?? 0));
    },
  };
  return { source: source as unknown as Reader & typeof source, read };
}

const root = { mediaType, digest: nameOf(0), size: 1 };

describe('Manifests that lead on and on', () => {
  it('are not copied from more than 64 levels', async () => {
    const { source, read } = liar((level) => (level < 100 ? level + 1 : undefined));
    await assert.rejects(
      walkGraph(source, root),
      (error) => error instanceof InvalidContentError && /more than 64 deep/.test(error.message),
    );
    assert.equal(read.length, 65);
  });

  it('are read once each where they lead round in a circle', async () => {
    const { source, read } = liar((level) => (level + 1) % 3);
    const { levels } = await walkGraph(source, root);
    assert.equal(levels.flat().length, 3);
    assert.equal(read.length, 3);
  });

  it('are shown in a tree of referrers to its bound, and once each', async () => {
    const deep = liar((level) => level + 1);
    assert.equal((await discover(deep.source as never, 'v1')).isWhole, false);
    assert.equal(deep.read.length, 64);
    const circle = liar((level) => (level + 1) % 3);
    assert.equal((await discover(circle.source as never, 'v1')).isWhole, true);
    assert.equal(circle.read.length, 3);
  });
});
