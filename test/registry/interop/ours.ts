import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Descriptor } from '../../../src/oci/descriptor';
import type { LocalFile, Reader, Writer } from '../../../src/oci/target';
import { planPull, type PlanPullOptions } from '../../../src/operations/planPull';
import { pull } from '../../../src/operations/pull';
import { push } from '../../../src/operations/push';
import { FolderSink } from '../../../src/targets/folder/folderSink';
import { LocalFiles } from '../../../src/targets/folder/localFiles';
import { OciLayout } from '../../../src/targets/layout/ociLayout';
import { Registry } from '../../../src/targets/registry/registry';
import type { Transport } from '../../../src/transport/transport';
import { collect } from '../../support/artifacts';
import { attachedOf, byPlatform, chartOf, filesIn, type Opened } from './findings';
import type { Place } from './place';
import { samples } from './samples';
import type { Findings, Tool } from './tool';
import type { Workbench } from './workbench';

const NOT_YET = 'this extension does not do it yet';

/** This extension's own code, by its operations and targets. */
export function ours(workbench: Workbench, transport: Transport): Tool {
  const repository = ({ host, name }: Place) => new Registry(host, transport).repository(name);

  const pushTo = async (target: Reader & Writer, titles: readonly string[], tag: string): Promise<void> => {
    const source = new LocalFiles();
    const files = titles.map((title): LocalFile => ({ path: path.join(workbench.samples, title), title }));
    try {
      await push(source, target, { files, tags: [tag] });
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

  return {
    name: 'ours',
    writes: {
      file: (place) => pushTo(repository(place), [samples.file], place.tag),
      files: (place) => pushTo(repository(place), samples.files, place.tag),
      folder: (place) => pushTo(repository(place), [samples.folder], place.tag),
      index: NOT_YET,
      chart: NOT_YET,
      sif: NOT_YET,
      attached: NOT_YET,
      copy: NOT_YET,
      layout: (place) => pushTo(new OciLayout(place.layout), samples.files, place.tag),
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
      copy: NOT_YET,
      layout: async ({ layout }) => {
        // crane writes the whole reference where others write the tag.
        const [tag = ''] = await collect(new OciLayout(layout).tags());
        return pullFrom(new OciLayout(layout), tag);
      },
    },
  };
}
