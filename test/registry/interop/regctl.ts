import path from 'node:path';
import type { Descriptor } from '../../../src/oci/descriptor';
import { attachedOf, byPlatform, chartOf, filesIn, filesOf, type Opened } from './findings';
import { copyOf, referenceOf, repositoryOf, type Place } from './place';
import { samples, sampleTypes } from './samples';
import type { Findings, Tool, Write } from './tool';
import type { Workbench } from './workbench';

const SAMPLE_TYPE = 'application/vnd.example.sample';
const NO_FOLDERS = 'regctl packs no folders';

interface Listed {
  readonly descriptors: readonly Descriptor[];
}

/** `regctl`. */
export function regctlTool(workbench: Workbench): Tool<'regctl'> {
  const regctl = ({ host }: Place, args: readonly string[], cwd?: string) =>
    workbench.run('regctl', ['--host', `reg=${host},tls=disabled`, ...args], cwd);

  const put = (...args: readonly string[]): Write => {
    return async (place) => {
      await regctl(place, ['artifact', 'put', '--file-title', ...args, referenceOf(place)]);
    };
  };
  const filePut = put('--artifact-type', SAMPLE_TYPE, '--file', samples.file);
  const filesPut = put(
    ...['--artifact-type', SAMPLE_TYPE],
    ...samples.files.flatMap((name) => ['--file', name, '--file-media-type', 'application/octet-stream']),
  );

  const get = async (place: Place): Promise<Findings> => {
    const folder = await workbench.scratch();
    await regctl(place, ['artifact', 'get', referenceOf(place), '--output', folder]);
    return filesIn(folder);
  };

  const open = async (place: Place, reference: string, platform?: string): Promise<Opened> => {
    const chosen = platform ? ['--platform', platform] : [];
    const args = ['manifest', 'get', '--format', 'raw-body', ...chosen, reference];
    return {
      manifest: await regctl(place, args),
      blob: ({ digest }) => regctl(place, ['blob', 'get', repositoryOf(place), digest]),
    };
  };

  const writeIndex: Write = async (place) => {
    await regctl(place, ['index', 'create', referenceOf(place)]);
    for (const name of samples.architectures) {
      const child = `${repositoryOf(place)}:${name}`;
      const file = ['--artifact-type', SAMPLE_TYPE, '--file-title', '--file', samples.program];
      await regctl(place, ['artifact', 'put', ...file, child], path.join(workbench.samples, name));
      const platform = ['--desc-platform', `linux/${name}`];
      await regctl(place, ['index', 'add', '--ref', child, ...platform, referenceOf(place)]);
    }
  };

  const attach: Write = async (place) => {
    await filePut(place);
    for (const [type, file] of Object.entries(samples.attached)) {
      const args = ['--artifact-type', type, '--file', file, '--subject', referenceOf(place)];
      await regctl(place, ['artifact', 'put', ...args]);
    }
  };

  const attachedTo = async (place: Place): Promise<Findings> => {
    const listed = await regctl(place, ['artifact', 'list', referenceOf(place), '--format', '{{json .}}']);
    const { descriptors } = JSON.parse(listed.toString()) as Listed;
    const opened = descriptors.map(({ digest }) => open(place, `${repositoryOf(place)}@${digest}`));
    return attachedOf(await Promise.all(opened));
  };

  return {
    name: 'regctl',
    writes: {
      file: filePut,
      files: filesPut,
      folder: NO_FOLDERS,
      index: writeIndex,
      chart: put(
        ...['--config-file', samples.chartConfig, '--config-type', sampleTypes.chartConfig],
        ...['--file', samples.chart, '--file-media-type', sampleTypes.chartLayer],
      ),
      sif: put(
        ...['--config-file', 'empty.json', '--config-type', sampleTypes.sifConfig],
        ...['--file', samples.sif, '--file-media-type', sampleTypes.sifLayer],
      ),
      attached: attach,
      copy: attach,
      layout: async (place) => {
        await filesPut(place);
        await regctl(place, ['image', 'copy', referenceOf(place), `ocidir://${place.layout}:${place.tag}`]);
      },
    },
    reads: {
      file: get,
      files: get,
      folder: async (place) => filesOf(await open(place, referenceOf(place)), workbench),
      index: (place) =>
        byPlatform(async (platform) => filesOf(await open(place, referenceOf(place), platform), workbench)),
      chart: async (place) => chartOf(await open(place, referenceOf(place))),
      sif: get,
      attached: attachedTo,
      copy: async (place) => {
        const copy = copyOf(place, 'regctl');
        await regctl(place, ['image', 'copy', '--referrers', referenceOf(place), referenceOf(copy)]);
        return { ...(await get(copy)), ...(await attachedTo(copy)) };
      },
      layout: async (place) => {
        const copy = copyOf(place, 'regctl');
        await regctl(place, ['image', 'copy', `ocidir://${place.layout}:${place.tag}`, referenceOf(copy)]);
        return get(copy);
      },
    },
  };
}
