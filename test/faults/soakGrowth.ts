import type { Measure, Sample } from './soakSample';

const MIB = 1024 * 1024;

/** How a measure is called, and how much more of it the end may have than the first quarter's end: noise, not a leak. */
export interface Bound {
  readonly measure: Measure;
  readonly title: string;
  readonly atMost: number;
}

/**
 * What has to be flat. The heap is weighed after a collection; resident memory also moves with what the allocator keeps and
 * with V8's young generation, of up to 48 MiB, connections with how many requests happen to overlap.
 */
export const bounds: readonly Bound[] = [
  { measure: 'heapBytes', title: 'heap of the client', atMost: 1 * MIB },
  { measure: 'clientRssBytes', title: 'resident memory of the client', atMost: 32 * MIB },
  { measure: 'clientFiles', title: 'open files of the client', atMost: 0.5 },
  { measure: 'clientSockets', title: 'connections of the client', atMost: 4 },
  { measure: 'temporaryFiles', title: 'temporary files', atMost: 0.5 },
  { measure: 'serverHeapBytes', title: 'heap of the registry', atMost: 1 * MIB },
  { measure: 'serverRssBytes', title: 'resident memory of the registry', atMost: 64 * MIB },
  { measure: 'serverFiles', title: 'open files of the registry', atMost: 0.5 },
  { measure: 'serverSockets', title: 'connections of the registry', atMost: 4 },
  { measure: 'registryFiles', title: 'files in its folder', atMost: 0.5 },
];

/** How a measure went. */
export interface Growth extends Bound {
  readonly atQuarter: number;
  readonly atEnd: number;
  /** The slope of a straight line through all behind the first quarter, times the cycles behind it. */
  readonly growth: number;
  readonly isFlat: boolean;
}

/** How each measure went that was taken. Flat is what does not grow by more than its bound; to shrink is no fault. */
export function growthIn(samples: readonly Sample[]): readonly Growth[] {
  const last = samples.at(-1)?.cycle ?? 0;
  const late = samples.filter(({ cycle }) => cycle >= last / 4);
  return bounds.flatMap((bound) => {
    const points = late.flatMap((sample) => {
      const value = sample[bound.measure];
      return value === undefined ? [] : [{ x: sample.cycle, y: value }];
    });
    const [first] = points;
    const end = points.at(-1);
    if (!first || !end) return [];
    const growth = slopeOf(points) * (end.x - first.x);
    return [{ ...bound, atQuarter: first.y, atEnd: end.y, growth, isFlat: growth <= bound.atMost }];
  });
}

/** Least squares. */
function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
}
