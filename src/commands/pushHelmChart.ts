import { formatBytes, withByteProgress, withProgress } from '../host/progress';
import { pickOrType } from '../host/pickOrType';
import { recent, remember } from '../host/recent';
import { targetOf } from '../host/rowTarget';
import { sentence } from '../host/sentence';
import type { NewTransfer } from '../host/transferRecord';
import { InvalidReferenceError, messageOf } from '../oci/errors';
import { chartTag } from '../oci/helmChart';
import { formatReference, parseReference, type Reference } from '../oci/reference';
import type { LocalFile } from '../oci/target';
import { nowInSeconds } from '../operations/manifestPlan';
import { pushChart, type PushChartResult } from '../operations/pushChart';
import { announce } from './announce';
import { attempt } from './attempt';
import { destinationOf } from './destinationOf';
import type { DisposableChart, Services } from './services';
import { showInTree } from './showInTree';

/** A chart's push as it is kept. */
export interface ChartPush {
  readonly file: LocalFile;
  /** As typed: a registry, or a path in it. */
  readonly place: string;
  /** RFC 3339. */
  readonly created: string;
}

/** Pushes a chart as `helm push` does: the place is typed, name and tag come from the chart. */
export async function pushHelmChart(services: Services, file: LocalFile, row: unknown): Promise<void> {
  await withChart(services, file, async (chart) => {
    const place = await askPlace(services, chart, row);
    if (place !== undefined) await pushTo(services, chart, { file, place, created: nowInSeconds() });
  });
}

/** Goes on with the push of a chart, as the chart is by now. */
export function continueChart(services: Services, push: ChartPush): Promise<void> {
  return withChart(services, push.file, (chart) => pushTo(services, chart, push));
}

async function withChart(
  services: Services,
  file: LocalFile,
  act: (chart: DisposableChart) => Promise<void>,
): Promise<void> {
  await attempt(services, { what: `${file.title} was not pushed` }, async () => {
    const chart = await withProgress(`Reading ${file.title}`, ({ signal }) =>
      services.openChart(file.path, { signal }),
    );
    await act(chart).finally(() => chart.dispose());
  });
}

async function pushTo(services: Services, chart: DisposableChart, push: ChartPush): Promise<void> {
  const reference = chartReference(push.place, nameOf(chart));
  const text = formatReference(reference);
  await attempt(services, { what: `Push to ${text} failed`, host: reference.registry }, async () => {
    const during = `Pushing ${text}`;
    const registry = services.openRegistry(reference.registry, { during });
    const { created } = push;
    const result = await withByteProgress(during, (progress) =>
      services.transfers.run(chartTransfer(text, push), progress, (way) =>
        pushChart(chart, destinationOf(registry, reference.repository, way.signal), { ...way, created }),
      ),
    );
    const { descriptor } = result;
    const { registry: host, repository, tag = '' } = reference;
    void announce(services, pushedMessage(text, result), { host, repository, tag, descriptor });
    await remember(services.state, 'chartPlace', push.place);
    await showInTree(services, reference);
  });
}

function chartTransfer(text: string, job: ChartPush): NewTransfer {
  const { file, place } = job;
  const words = { title: `Push Helm chart ${text}`, detail: `From ${file.path}` };
  return { kind: 'chart', identity: [file.path, place], ...words, job };
}

/** What Helm calls it: `name:version`. */
function nameOf({ metadata }: DisposableChart): string {
  return `${metadata.name}:${chartTag(metadata)}`;
}

function pushedMessage(text: string, { pushedBytes, skippedBytes, descriptor }: PushChartResult): string {
  const sizes = `${formatBytes(pushedBytes)} sent, ${formatBytes(skippedBytes)} already there`;
  return `Pushed the Helm chart ${text} (${sizes}). Digest: ${descriptor.digest}`;
}

/** Where charts go, as `helm push` takes it: a registry, or a path in it. */
async function askPlace(
  services: Services,
  chart: DisposableChart,
  row: unknown,
): Promise<string | undefined> {
  const { state, settings } = services;
  const under = nameOf(chart);
  const target = targetOf(row);
  const suggestions = [
    ...recent(state, 'chartPlace').map((value) => ({ value, description: 'used before', icon: 'history' })),
    ...settings.registries.map(({ host }) => ({ value: host, description: 'registry', icon: 'server' })),
  ];
  return pickOrType({
    title: `Push the Helm chart ${under}: where to`,
    placeholder: `registry/path; the chart becomes registry/path/${under}`,
    ...(target && { value: [target.host, target.repository].filter(Boolean).join('/') }),
    suggestions: suggestions.filter(
      ({ value }, at) => suggestions.findIndex((other) => other.value === value) === at,
    ),
    problem: (typed) => placeProblem(typed, under),
  });
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
