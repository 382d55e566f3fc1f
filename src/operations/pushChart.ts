import { kindTypes } from '../oci/artifactKinds';
import type { Descriptor } from '../oci/descriptor';
import { chartAnnotations, chartConfig, chartTag, type ChartContent } from '../oci/helmChart';
import { encodeImageManifest } from '../oci/manifest';
import { mediaTypes } from '../oci/mediaTypes';
import type { Progress } from '../oci/progress';
import type { ManifestContent, Reader, WaitOptions, Writer } from '../oci/target';
import { descriptorOf } from './artifactManifest';
import { bytesContent } from './bytesContent';
import { ContentSender, type TransferCounts } from './contentSender';
import { eachConcurrently } from './eachConcurrently';
import { nowInSeconds, requireTime } from './manifestPlan';
import { ByteMeter } from './progress';
import { requireTag } from './tag';
import { waitOptions } from './waitOptions';

/** How to push a chart. */
export interface PushChartOptions extends WaitOptions {
  /** RFC 3339; now by default. */
  readonly created?: string;
  /** The chart's version, with `_` for `+`, by default. */
  readonly tags?: readonly string[];
  readonly onProgress?: (progress: Progress) => void;
}

/** What was pushed, and under which tags. */
export interface PushChartResult extends TransferCounts {
  readonly descriptor: Descriptor;
  readonly manifest: ManifestContent;
  readonly tags: readonly string[];
}

/**
 * Pushes a Helm chart as `helm push` does: the archive and its provenance as layers, Chart.yaml as the config. The
 * destination is the repository whose last part is the chart's name, or Helm does not find it.
 * Errors: InvalidReferenceError, InvalidContentError; those of the destination; CopyError.
 */
export async function pushChart(
  chart: ChartContent,
  destination: Reader & Writer,
  options: PushChartOptions = {},
): Promise<PushChartResult> {
  const { created = nowInSeconds(), tags = [chartTag(chart.metadata)] } = options;
  requireTime(created);
  tags.forEach(requireTag);
  const wait = waitOptions(options);
  const bytes = chartConfig(chart.metadata);
  const config = descriptorOf(kindTypes.helmConfig, bytes);
  const layers = layersOf(chart);
  const manifest = chartManifest({ config, layers, annotations: chartAnnotations(chart.metadata, created) });
  const meter = new ByteMeter(options.onProgress);
  const all = [config, ...layers, manifest.descriptor];
  meter.expect(all.reduce((total, { size }) => total + size, 0));
  const sender = new ContentSender({ destination, meter });
  const blobs = [
    { descriptor: config, content: bytesContent(bytes), name: 'Chart.yaml' },
    ...layers.map((descriptor) => ({
      descriptor,
      content: chart.content(descriptor),
      name: chart.metadata.name,
    })),
  ];
  await eachConcurrently(blobs, { concurrency: blobs.length, ...wait }, (blob, signal) =>
    sender.sendBlob(blob, { signal }),
  );
  await sender.publish(manifest, { ...wait, tags });
  return { descriptor: manifest.descriptor, manifest, tags, ...sender.counts };
}

/** Helm sorts them by digest. */
function layersOf({ archive, provenance }: ChartContent): readonly Descriptor[] {
  const layers = [archive, ...(provenance ? [provenance] : [])];
  return layers.sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** Helm leaves the media type out. */
function chartManifest(
  fields: Omit<Parameters<typeof encodeImageManifest>[0], 'mediaType'>,
): ManifestContent {
  const bytes = encodeImageManifest({ ...fields, withoutMediaType: true });
  return { descriptor: descriptorOf(mediaTypes.ociManifest, bytes), bytes };
}
