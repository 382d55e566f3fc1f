import prettyBytes from 'pretty-bytes';
import type { Contest, Run, ToolName, Traffic } from './contest';
import type { Limit } from './limits';
import type { Cost } from './measure';

/** The medians of one tool at one job; ratios below 1 are less than oras. */
export interface Row extends Cost {
  readonly title: string;
  readonly tool: ToolName;
  readonly wallRatio: number;
  readonly cpuRatio: number;
  /** Of wall time, for this extension. */
  readonly aim?: number;
  readonly profile?: string;
  /** Who else kept the cores busy in the last run. */
  readonly cores?: string;
  readonly requests?: number;
  readonly connections?: number;
}

/** One row for each tool and job, in the order in which they ran first. */
export function summarize(
  contests: readonly Contest[],
  runs: readonly Run[],
  traffic: readonly Traffic[],
): readonly Row[] {
  return contests.flatMap((contest) => {
    const of = (tool: ToolName) => runs.filter((run) => run.title === contest.title && run.tool === tool);
    const oras = costOf(of('oras'));
    return contest.contenders.map(({ tool }) => {
      const cost = costOf(of(tool));
      const cores = of(tool).at(-1)?.cores;
      const seen = traffic.find((each) => each.title === contest.title && each.tool === tool);
      return {
        title: contest.title,
        tool,
        ...cost,
        wallRatio: cost.wallSeconds / oras.wallSeconds,
        cpuRatio: cost.cpuSeconds / oras.cpuSeconds,
        ...(tool === 'oci-artifacts' && {
          aim: contest.aim,
          ...(contest.profile && { profile: contest.profile }),
        }),
        ...(cores !== undefined && { cores }),
        ...(seen && { requests: seen.requests, connections: seen.connections }),
      };
    });
  });
}

function costOf(runs: readonly Run[]): Cost {
  const medianOf = (part: keyof Cost) => median(runs.map(({ cost }) => cost[part]));
  return {
    wallSeconds: medianOf('wallSeconds'),
    cpuSeconds: medianOf('cpuSeconds'),
    peakRssBytes: medianOf('peakRssBytes'),
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

const COLUMNS: Readonly<Record<string, (row: Row) => string>> = {
  job: ({ title }) => title,
  tool: ({ tool }) => tool,
  seconds: ({ wallSeconds }) => wallSeconds.toFixed(2),
  'of oras': ({ wallRatio }) => wallRatio.toFixed(2),
  aim: ({ aim, wallRatio }) =>
    aim === undefined ? '' : `${aim.toFixed(2)} ${wallRatio <= aim ? 'met' : 'missed'}`,
  'CPU of oras': ({ cpuRatio }) => cpuRatio.toFixed(2),
  memory: ({ peakRssBytes }) => prettyBytes(peakRssBytes, { binary: true, maximumFractionDigits: 0 }),
  requests: ({ requests }) => String(requests ?? ''),
  connections: ({ connections }) => String(connections ?? ''),
};

/** The rows as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const names = Object.keys(COLUMNS);
  const rule = names.map((name) => (name === 'job' || name === 'tool' ? '---' : '--:'));
  const cells = rows.map((row) => Object.values(COLUMNS).map((cell) => cell(row)));
  return [names, rule, ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** For each row that misses its aim, why: what a client that checks nothing takes, and what a profile says. */
export function missedRows(rows: readonly Row[]): string {
  const missed = rows.filter(({ aim, wallRatio }) => aim !== undefined && wallRatio > aim);
  const lines = missed.map(({ title, cpuRatio, profile, cores, cpuSeconds, wallSeconds }) => {
    const floor = rows.find((row) => row.title === title && row.tool === 'curl');
    const bare = floor ? `curl, which checks nothing, takes ${floor.wallRatio.toFixed(2)} of oras. ` : '';
    const own = (cpuSeconds / wallSeconds).toFixed(2);
    const busy = `It kept ${own} cores busy${cores ? `; the others: ${cores}` : ''}. `;
    return `- ${title}: ${bare}CPU ${cpuRatio.toFixed(2)} of oras. ${busy}${profile ?? ''}`.trimEnd();
  });
  return lines.join('\n');
}

/** What has limits of its own, as a Markdown table. */
export function limitTable(limits: readonly Limit[]): string {
  const cells = limits.map(({ title, unit, value, limit }) => [
    title,
    `${value.toLocaleString('en')} ${unit}`.trim(),
    `${limit.toLocaleString('en')} ${unit}`.trim(),
    value <= limit ? 'met' : 'missed',
  ]);
  return [['what', 'measured', 'at most', ''], ['---', '--:', '--:', '---'], ...cells]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}

/** For each limit that is missed, why. */
export function missedLimits(limits: readonly Limit[]): string {
  const missed = limits.filter(({ value, limit }) => value > limit);
  return missed.map(({ title, why }) => `- ${title}: ${why ?? 'not known.'}`).join('\n');
}
