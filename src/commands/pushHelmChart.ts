import { formatBytes, withByteProgress, withProgress } from '../host/progress';
import { pickOrType } from '../host/pickOrType';
import { recent, remember } from '../host/recent';
import { targetOf } from '../host/rowTarget';
import { sentence } from '../host/sentence';
import { InvalidReferenceError, messageOf } from '../oci/errors';
import { chartTag } from '../oci/helmChart';
import { formatReference, parseReference, type Reference } from '../oci/reference';
import type { LocalFile } from '../oci/target';
import { pushChart, type PushChartResult } from '../operations/pushChart';
import { announce } from './announce';
import { attempt } from './attempt';
import { destinationOf } from './destinationOf';
import type { DisposableChart, Services } from './services';
import { showInTree } from './showInTree';

/** Pushes a chart as `helm push` does: the place is typed, name and tag come from the chart. Errors: FileError. */
export async function pushHelmChart(services: Services, file: LocalFile, row: unknown): Promise<void> {
  await attempt(services, { what: `${file.title} was not pushed` }, async () => {
    const chart = await withProgress(`Reading ${file.title}`, ({ signal }) =>
      services.openChart(file.path, { signal }),
    );
    try {
      const reference = await askPlace(services, chart, row);
      if (reference) await pushTo(services, chart, reference);
    } finally {
      await chart.dispose();
    }
  });
}

async function pushTo(services: Services, chart: DisposableChart, reference: Reference): Promise<void> {
  const text = formatReference(reference);
  await attempt(services, { what: `Push to ${text} failed`, host: reference.registry }, async () => {
    const during = `Pushing ${text}`;
    const registry = services.openRegistry(reference.registry, { during });
    const result = await withByteProgress(during, (job) =>
      pushChart(chart, destinationOf(registry, reference.repository, job.signal), job),
    );
    const { descriptor } = result;
    const { registry: host, repository, tag = '' } = reference;
    void announce(services, pushedMessage(text, result), { host, repository, tag, descriptor });
    await showInTree(services, reference);
  });
}

function pushedMessage(text: string, { pushedBytes, skippedBytes, descriptor }: PushChartResult): string {
  const sizes = `${formatBytes(pushedBytes)} sent, ${formatBytes(skippedBytes)} already there`;
  return `Pushed the Helm chart ${text} (${sizes}). Digest: ${descriptor.digest}`;
}

/** Where charts go, as `helm push` takes it: a registry, or a path in it. */
async function askPlace(
  services: Services,
  { metadata }: DisposableChart,
  row: unknown,
): Promise<Reference | undefined> {
  const { state, settings } = services;
  const under = `${metadata.name}:${chartTag(metadata)}`;
  const target = targetOf(row);
  const suggestions = [
    ...recent(state, 'chartPlace').map((value) => ({ value, description: 'used before', icon: 'history' })),
    ...settings.registries.map(({ host }) => ({ value: host, description: 'registry', icon: 'server' })),
  ];
  const place = await pickOrType({
    title: `Push the Helm chart ${under}: where to`,
    placeholder: `registry/path; the chart becomes registry/path/${under}`,
    ...(target && { value: [target.host, target.repository].filter(Boolean).join('/') }),
    suggestions: suggestions.filter(
      ({ value }, at) => suggestions.findIndex((other) => other.value === value) === at,
    ),
    problem: (typed) => placeProblem(typed, under),
  });
  if (place === undefined) return undefined;
  await remember(state, 'chartPlace', place);
  return chartReference(place, under);
}

/** `oci://` is what Helm writes in front. Errors: InvalidReferenceError. */
export function chartReference(place: string, under: string): Reference {
  const bare = place
    .trim()
    .replace(/^oci:\/\//, '')
    .replace(/\/+$/, '');
  return parseReference(`${bare}/${under}`);
}

function placeProblem(place: string, under: string): string | undefined {
  try {
    chartReference(place, under);
    return undefined;
  } catch (error) {
    return error instanceof InvalidReferenceError ? sentence(error.reason) : messageOf(error);
  }
}
