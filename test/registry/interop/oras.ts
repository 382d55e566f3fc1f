import path from 'node:path';
import type { Descriptor } from '../../../src/oci/descriptor';
import { attachedOf, byPlatform, chartOf, filesIn, type Opened } from './findings';
import { copyOf, referenceOf, repositoryOf, type Place } from './place';
import { samples, sampleTypes } from './samples';
import type { Findings, Tool, Write } from './tool';
import type { Workbench } from './workbench';

interface Discovered {
  readonly referrers?: readonly { readonly reference: string }[];
}

/** What `oras push` is told for each kind that is one push. */
export const orasFiles = {
  file: [samples.file],
  files: samples.files,
  folder: [samples.folder],
  chart: [
    ...['--config', `${samples.chartConfig}:${sampleTypes.chartConfig}`],
    `${samples.chart}:${sampleTypes.chartLayer}`,
  ],
  sif: ['--config', `empty.json:${sampleTypes.sifConfig}`, `${samples.sif}:${sampleTypes.sifLayer}`],
} as const;

export type PushedKind = keyof typeof orasFiles;

/** `oras`, which writes and reads all of it. */
export function orasTool(workbench: Workbench): Tool<'oras'> {
  const oras = (...args: string[]) => workbench.run('oras', args);
  const push = (kind: PushedKind): Write => {
    return async (place) => void (await oras('push', '--plain-http', referenceOf(place), ...orasFiles[kind]));
  };

  const pull = async (reference: string, ...args: string[]): Promise<Findings> => {
    const folder = await workbench.scratch();
    await oras('pull', '--plain-http', reference, '-o', folder, ...args);
    return filesIn(folder);
  };

  const open = async (repository: string, reference: string): Promise<Opened> => ({
    manifest: await oras('manifest', 'fetch', '--plain-http', reference),
    blob: ({ digest }: Descriptor) =>
      oras('blob', 'fetch', '--plain-http', '--output', '-', `${repository}@${digest}`),
  });

  const writeIndex: Write = async (place) => {
    for (const name of samples.architectures) {
      const reference = `${repositoryOf(place)}:${name}`;
      const args = ['push', '--plain-http', reference, '--artifact-platform', `linux/${name}`];
      await workbench.run('oras', [...args, samples.program], path.join(workbench.samples, name));
    }
    await oras('manifest', 'index', 'create', '--plain-http', referenceOf(place), ...samples.architectures);
  };

  const attach: Write = async (place) => {
    await push('file')(place);
    for (const [type, name] of Object.entries(samples.attached)) {
      await oras('attach', '--plain-http', '--artifact-type', type, referenceOf(place), name);
    }
  };

  const attachedTo = async (place: Place): Promise<Findings> => {
    const text = await oras('discover', '--plain-http', '--format', 'json', referenceOf(place));
    const { referrers = [] } = JSON.parse(text.toString()) as Discovered;
    const opened = referrers.map(({ reference }) => open(repositoryOf(place), reference));
    return attachedOf(await Promise.all(opened));
  };

  return {
    name: 'oras',
    writes: {
      file: push('file'),
      files: push('files'),
      folder: push('folder'),
      index: writeIndex,
      chart: push('chart'),
      sif: push('sif'),
      attached: attach,
      copy: attach,
      layout: async (place) => {
        await push('files')(place);
        const to = ['--to-oci-layout', `${place.layout}:${place.tag}`];
        await oras('cp', '--from-plain-http', referenceOf(place), ...to);
      },
    },
    reads: {
      file: (place) => pull(referenceOf(place)),
      files: (place) => pull(referenceOf(place)),
      folder: (place) => pull(referenceOf(place)),
      index: (place) => byPlatform((platform) => pull(referenceOf(place), '--platform', platform)),
      chart: async (place) => chartOf(await open(repositoryOf(place), referenceOf(place))),
      sif: (place) => pull(referenceOf(place)),
      attached: attachedTo,
      copy: async (place) => {
        const copy = copyOf(place, 'oras');
        const plain = ['--from-plain-http', '--to-plain-http'];
        await oras('cp', '-r', ...plain, referenceOf(place), referenceOf(copy));
        return { ...(await pull(referenceOf(copy))), ...(await attachedTo(copy)) };
      },
      layout: async (place) => {
        const from = ['--from-oci-layout', `${place.layout}:${place.tag}`];
        const copy = referenceOf(copyOf(place, 'oras'));
        await oras('cp', ...from, '--to-plain-http', copy);
        return pull(copy);
      },
    },
  };
}
