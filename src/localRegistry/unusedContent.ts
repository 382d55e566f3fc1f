import path from 'node:path';
import type { Descriptor } from '../oci/descriptor';
import { OciError } from '../oci/errors';
import type {
  CollectOptions,
  CollectUnused,
  FileCount,
  UnusedContent,
  UnusedInLayout,
} from '../oci/unusedContent';
import { LayoutStore } from '../targets/layout/layoutStore';
import { removeStale, staleFiles } from '../targets/layout/staleFiles';
import { UnusedBlobs } from '../targets/layout/unusedBlobs';
import { foldersOf } from './registryFolders';
import { Repositories } from './repositories';

const NONE: FileCount = { count: 0, sizeBytes: 0 };

interface Place {
  readonly name: string;
  readonly store: LayoutStore;
  /** True for a folder that may only have repositories below it. */
  readonly mayBeNone: boolean;
}

/**
 * Removes what nothing refers to from one OCI layout, or from each repository of the local registry's folder, whether the
 * registry runs or not. One layout that cannot be understood keeps no other from its turn.
 */
export const collectUnused: CollectUnused = async ({ kind, folder }, options = {}) => {
  const places = kind === 'layout' ? layoutPlaces(folder) : registryPlaces(folder);
  const { staging, uploads } = foldersOf(folder);
  const stagings = kind === 'layout' ? [] : [staging, uploads];
  const layouts: UnusedInLayout[] = [];
  for await (const place of places) {
    const found = await collectLayout(place, options);
    if (!found) continue;
    layouts.push(found);
    stagings.push(path.join(place.store.root, '.ingest'));
  }
  return { layouts, temporary: await collectTemporary(stagings, options) };
};

async function* layoutPlaces(folder: string): AsyncIterable<Place> {
  yield { name: folder, store: new LayoutStore(folder), mayBeNone: false };
}

async function* registryPlaces(folder: string): AsyncIterable<Place> {
  const { staging } = foldersOf(folder);
  for await (const repository of new Repositories(folder, staging).folders())
    yield { name: repository.name, store: new LayoutStore(repository.folder, { staging }), mayBeNone: true };
}

async function collectLayout(
  { name, store, mayBeNone }: Place,
  options: CollectOptions,
): Promise<UnusedInLayout | undefined> {
  const unused = new UnusedBlobs(store, options);
  try {
    if (mayBeNone && !(await store.exists())) return undefined;
    const found = await unused.find(options);
    const isNothing =
      found.blobs.length === 0 && (options.untaggedMs === undefined || found.untagged.length === 0);
    const isOver = options.dryRun || isNothing;
    const { blobs, young, untagged } = isOver ? found : await unused.remove(options);
    return {
      name,
      removable: countOf(blobs),
      young: countOf(young),
      untagged: countOf(untagged.map(asFile)),
    };
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    return { name, removable: NONE, young: NONE, untagged: NONE, problem: error.message };
  }
}

async function collectTemporary(
  folders: readonly string[],
  { dryRun, signal, onBytes }: CollectOptions,
): Promise<UnusedContent['temporary']> {
  const found = [];
  for (const folder of folders) {
    signal?.throwIfAborted();
    found.push(...(await (dryRun ? staleFiles : removeStale)(folder, Date.now())));
  }
  const counted = countOf(found);
  if (!dryRun) onBytes?.(counted.sizeBytes);
  return counted;
}

const asFile = ({ size }: Descriptor) => ({ sizeBytes: size });

function countOf(files: readonly { readonly sizeBytes: number }[]): FileCount {
  return { count: files.length, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}
