import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Descriptor } from '../../../src/oci/descriptor';
import { byPlatform, chartOf, filesOf, type Opened } from './findings';
import { copyOf, referenceOf, type Place } from './place';
import { sourceTag, type SourceKind, type Sources } from './sources';
import type { Findings, Tool, Write } from './tool';
import type { Workbench } from './workbench';

const NO_REFERRERS = 'skopeo 1.9 has no command for referrers';

/** `skopeo`, which copies only: the artifacts that it writes it takes from a layout by `oras`. */
export function skopeoTool(workbench: Workbench, sources: Sources): Tool<'skopeo'> {
  const remote = (place: Place) => `docker://${referenceOf(place)}`;
  /** Copies all platforms, or the one that is named. */
  const copy = (from: string, to: string, platform?: string) => {
    const [os = '', arch = ''] = platform?.split('/') ?? [];
    const chosen = platform ? ['--override-os', os, '--override-arch', arch, 'copy'] : ['copy', '--all'];
    const plain = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    return workbench.run('skopeo', ['--insecure-policy', ...chosen, ...plain, from, to]);
  };

  /** Copies into a folder, which then holds manifest.json and a file a blob, named by the hexadecimal digest. */
  const open = async (place: Place, platform?: string): Promise<Opened> => {
    const folder = await workbench.scratch();
    await copy(remote(place), `dir:${folder}`, platform);
    const blob = ({ digest }: Descriptor) => readFile(path.join(folder, digest.slice('sha256:'.length)));
    return { manifest: await readFile(path.join(folder, 'manifest.json')), blob };
  };

  const read = async (place: Place, platform?: string): Promise<Findings> =>
    filesOf(await open(place, platform), workbench);

  const write = (kind: SourceKind): Write => {
    return async (place) => void (await copy(`oci:${await sources.of(kind)}:${sourceTag}`, remote(place)));
  };

  return {
    name: 'skopeo',
    writes: {
      file: write('file'),
      files: write('files'),
      folder: write('folder'),
      index: write('index'),
      chart: write('chart'),
      sif: write('sif'),
      attached: NO_REFERRERS,
      copy: NO_REFERRERS,
      layout: async (place) => {
        await write('files')(place);
        await copy(remote(place), `oci:${place.layout}:${place.tag}`);
      },
    },
    reads: {
      file: (place) => read(place),
      files: (place) => read(place),
      folder: (place) => read(place),
      index: (place) => byPlatform((platform) => read(place, platform)),
      chart: async (place) => chartOf(await open(place)),
      sif: (place) => read(place),
      attached: NO_REFERRERS,
      copy: NO_REFERRERS,
      layout: async (place) => {
        await copy(`oci:${place.layout}:${place.tag}`, remote(copyOf(place, 'skopeo')));
        return read(copyOf(place, 'skopeo'));
      },
    },
  };
}
