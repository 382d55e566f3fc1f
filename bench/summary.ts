import prettyBytes from 'pretty-bytes';
import type { ToolName, Verb } from './contenders';
import type { Cost } from './measure';
import type { Load } from './sampleData';

/** One measured run. */
export interface Run {
  readonly load: string;
  readonly verb: Verb;
  readonly tool: ToolName;
  readonly pair: number;
  readonly cost: Cost;
}

/** The medians of one tool at one job; `ratioToOras` below 1 is faster than oras. */
export interface Row extends Cost {
  readonly load: string;
  readonly verb: Verb;
  readonly tool: ToolName;
  readonly ratioToOras: number;
}

/** One row for each tool and job, in the order in which they ran first. */
export function summarize(runs: readonly Run[]): readonly Row[] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = [run.load, run.verb, run.tool].join('|');
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].map((group) => rowOf(group, runs));
}

function rowOf(group: readonly Run[], all: readonly Run[]): Row {
  const [{ load, verb, tool }] = group as [Run];
  const oras = all.filter((run) => run.load === load && run.verb === verb && run.tool === 'oras');
  const medianOf = (runs: readonly Run[], part: keyof Cost) => median(runs.map(({ cost }) => cost[part]));
  return {
    load,
    verb,
    tool,
    wallSeconds: medianOf(group, 'wallSeconds'),
    cpuSeconds: medianOf(group, 'cpuSeconds'),
    peakRssBytes: medianOf(group, 'peakRssBytes'),
    ratioToOras: medianOf(group, 'wallSeconds') / medianOf(oras, 'wallSeconds'),
  };
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return (low + high) / 2;
}

/** The rows as a Markdown table. */
export function markdownTable(rows: readonly Row[], loads: readonly Load[]): string {
  const titles = ['job', 'tool', 'seconds', 'ratio to oras', 'peak memory', 'CPU seconds'];
  const cells = rows.map((row) => [
    `${row.verb} ${describe(loads.find(({ name }) => name === row.load))}`,
    row.tool,
    row.wallSeconds.toFixed(2),
    row.ratioToOras.toFixed(2),
    prettyBytes(row.peakRssBytes, { binary: true, maximumFractionDigits: 0 }),
    row.cpuSeconds.toFixed(2),
  ]);
  return [titles, ['---', '---', '--:', '--:', '--:', '--:'], ...cells]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}

function describe(load: Load | undefined): string {
  if (!load) return '';
  const size = prettyBytes(load.fileBytes, { binary: true });
  return load.fileCount === 1 ? size : `${load.fileCount.toLocaleString('en')} × ${size}`;
}
