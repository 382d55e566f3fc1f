import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Descriptor } from '../../../src/oci/descriptor';
import type { LocalFile, Reader, Writer } from '../../../src/oci/target';
import { attach } from '../../../src/operations/attach';
import { copy } from '../../../src/operations/copy';
import { createIndex } from '../../../src/operations/imageIndex';
import { planPull, type PlanPullOptions } from '../../../src/operations/planPull';
import { pull } from '../../../src/operations/pull';
import { push, type PushOptions } from '../../../src/operations/push';
import { FolderSink } from '../../../src/targets/folder/folderSink';
import { LocalFiles } from '../../../src/targets/folder/localFiles';
import { OciLayout } from '../../../src/targets/layout/ociLayout';
import { Registry } from '../../../src/targets/registry/registry';
import type { Transport } from '../../../src/transport/transport';
import { collect } from '../../support/artifacts';
import { attachedOf, byPlatform, chartOf, filesIn, type Opened } from './findings';
import { copyOf, type Place } from './place';
import { samples, sampleTypes } from './samples';
import type { Findings, Tool, Write } from './tool';
import type { Workbench } from './workbench';

/** This extension's own code, by its operations and targets. */
export function ours(workbench: Workbench, transport: Transport): Tool {
  const repository = ({ host, name }: Place) => new Registry(host, transport).repository(name);

  const sample = (title: string, mediaType?: string): LocalFile => {
    return { path: path.join(workbench.samples, title), title, ...(mediaType && { mediaType }) };
  };

  const pushTo = async (target: Reader & Writer, tag: string, options: Omit<PushOptions, 'tags'>) => {
    const source = new LocalFiles();
    try {
      await push(source, target, { ...options, tags: [tag] });
    } finally {
      await source.dispose();
    }
  };

  const writes = (files: readonly LocalFile[], options: Partial<PushOptions> = {}): Write => {
    return (place) => pushTo(repository(place), place.tag, { files, ...options });
  };

  const configOf = (name: string, mediaType: string) => ({
    config: { path: path.join(workbench.samples, name), mediaType },
  });

  const writeIndex: Write = async (place) => {
    for (const architecture of samples.architectures) {
      const file = path.join(workbench.samples, architecture, samples.program);
      await pushTo(repository(place), architecture, {
        files: [{ path: file, title: samples.program }],
        artifactPlatform: { os: 'linux', architecture },
      });
    }
    await createIndex(repository(place), { manifests: samples.architectures, tags: [place.tag] });
  };

  const writeAttached: Write = async (place) => {
    const source = new LocalFiles();
    try {
      await writes([sample(samples.file)])(place);
      for (const [artifactType, name] of Object.entries(samples.attached)) {
        const files = [sample(name)];
        await attach(source, repository(place), place.tag, { artifactType, files });
      }
    } finally {
      await source.dispose();
    }
  };

  const pullFrom = async (
    source: Reader,
    reference: string,
    options?: PlanPullOptions,
  ): Promise<Findings> => {
    const folder = await workbench.scratch();
    await pull(source, await planPull(source, reference, options), new FolderSink(folder), {
      policy: 'overwrite',
    });
    return filesIn(folder);
  };

  const open = async (source: Reader, reference: string): Promise<Opened> => ({
    manifest: (await source.readManifest(reference)).bytes,
    blob: async (descriptor: Descriptor) => buffer(await source.fetch(descriptor)),
  });

  const attachedTo = async (place: Place): Promise<Findings> => {
    const source = repository(place);
    const referrers = await collect(source.referrers(await source.resolve(place.tag)));
    return attachedOf(await Promise.all(referrers.map(({ digest }) => open(source, digest))));
  };

  const copyAndRead = async (place: Place): Promise<Findings> => {
    const to = copyOf(place, 'us');
    await copy(repository(place), repository(to), place.tag, { tags: [place.tag], referrers: true });
    return { ...(await pullFrom(repository(to), to.tag)), ...(await attachedTo(to)) };
  };

  return {
    name: 'ours',
    writes: {
      file: writes([sample(samples.file)]),
      files: writes(samples.files.map((title) => sample(title))),
      folder: writes([sample(samples.folder)]),
      index: writeIndex,
      chart: writes(
        [sample(samples.chart, sampleTypes.chartLayer)],
        configOf(samples.chartConfig, sampleTypes.chartConfig),
      ),
      sif: writes([sample(samples.sif, sampleTypes.sifLayer)], configOf('empty.json', sampleTypes.sifConfig)),
      attached: writeAttached,
      copy: writeAttached,
      layout: (place) => {
        const files = samples.files.map((title) => sample(title));
        return pushTo(new OciLayout(place.layout), place.tag, { files });
      },
    },
    reads: {
      file: (place) => pullFrom(repository(place), place.tag),
      files: (place) => pullFrom(repository(place), place.tag),
      folder: (place) => pullFrom(repository(place), place.tag),
      index: (place) =>
        byPlatform((platform) => {
          const [os = '', architecture = ''] = platform.split('/');
          return pullFrom(repository(place), place.tag, { platform: { os, architecture } });
        }),
      chart: async (place) => chartOf(await open(repository(place), place.tag)),
      sif: (place) => pullFrom(repository(place), place.tag),
      attached: attachedTo,
      copy: copyAndRead,
      layout: async ({ layout }) => {
        // crane writes the whole reference where others write the tag.
        const [tag = ''] = await collect(new OciLayout(layout).tags());
        return pullFrom(new OciLayout(layout), tag);
      },
    },
  };
}
