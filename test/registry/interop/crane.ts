import type { Descriptor } from '../../../src/oci/descriptor';
import { byPlatform, chartOf, filesOf, type Opened } from './findings';
import { copyOf, referenceOf, repositoryOf, type Place } from './place';
import { samples } from './samples';
import type { SourceKind, Sources } from './sources';
import type { Findings, Tool, Write } from './tool';
import type { Workbench } from './workbench';

const NO_REFERRERS = 'crane has no command for referrers';

/** `crane`, which makes images only: the artifacts that it writes it takes from a layout by `oras`. */
export function craneTool(workbench: Workbench, sources: Sources): Tool<'crane'> {
  const crane = (...args: string[]) => workbench.run('crane', args);

  const open = async (place: Place, platform?: string): Promise<Opened> => ({
    manifest: await crane('manifest', ...(platform ? ['--platform', platform] : []), referenceOf(place)),
    blob: ({ digest }: Descriptor) => crane('blob', `${repositoryOf(place)}@${digest}`),
  });

  const read = async (place: Place, platform?: string): Promise<Findings> =>
    filesOf(await open(place, platform), workbench);

  const push = (kind: SourceKind): Write => {
    return async (place) => void (await crane('push', await sources.of(kind), referenceOf(place)));
  };

  const writeIndex: Write = async (place) => {
    const members: string[] = [];
    for (const name of samples.architectures) {
      const child = { ...place, tag: name };
      await push(name)(child);
      members.push('-m', referenceOf(child));
    }
    await crane('index', 'append', ...members, '-t', referenceOf(place));
  };

  return {
    name: 'crane',
    writes: {
      file: push('file'),
      files: push('files'),
      folder: push('folder'),
      index: writeIndex,
      chart: push('chart'),
      sif: push('sif'),
      attached: NO_REFERRERS,
      copy: NO_REFERRERS,
      layout: async (place) => {
        await push('files')(place);
        await crane('pull', '--format', 'oci', '--annotate-ref', referenceOf(place), place.layout);
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
        await crane('push', place.layout, referenceOf(copyOf(place, 'crane')));
        return read(copyOf(place, 'crane'));
      },
    },
  };
}
