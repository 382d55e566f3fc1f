import { faults } from './namedFaults';
import type { Killed } from './kills';
import { nameOfTarget } from './requestTarget';
import type { Tried } from './run';
import type { Soaked } from './soak';
import { growthIn, type Growth } from './soakGrowth';

const COLUMNS = ['same', 'named', 'told', 'wrong'] as const;
const TITLES = ['fault', 'cases', 'same result', 'named error', 'as the server told', 'wrong'];

/** How many cases ended how, for each fault and in all, as a Markdown table. */
export function faultTable(tried: readonly Tried[]): string {
  const rows = faults.map(({ name }) =>
    rowOf(
      name,
      tried.filter(({ case: { fault } }) => fault.name === name),
    ),
  );
  const lines = [TITLES, ['---', ...TITLES.slice(1).map(() => '--:')], ...rows, rowOf('**all**', tried)];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowOf(name: string, tried: readonly Tried[]): readonly string[] {
  const counts = COLUMNS.map((column) => tried.filter(({ outcome }) => outcome === column).length);
  return [name, tried.length, ...counts].map(String);
}

/** One line for a case. */
export function lineOf({
  case: { operation, serverName, target, fault, place },
  outcome,
  detail,
}: Tried): string {
  return `${outcome}: ${operation.name} on ${serverName}, ${fault.name} at ${nameOfTarget(target)}, place ${place.toFixed(3)}: ${detail}`;
}

/** How many kills met an operation at work, and how many showed something wrong, as a Markdown table. */
export function killTable(kills: readonly Killed[]): string {
  const names = [...new Set(kills.map(({ name }) => name))];
  const rows = names.map((name) => {
    const its = kills.filter((kill) => kill.name === name);
    const met = its.filter(({ wasKilled }) => wasKilled).length;
    return [name, its.length, met, its.filter(({ problems }) => problems.length > 0).length].map(String);
  });
  const titles = ['killed with -9', 'times', 'still at work', 'wrong'];
  return [titles, ['---', '--:', '--:', '--:'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** How much of each thing there was during a soak, as a Markdown table. */
export function soakTable(soaks: readonly Soaked[]): string {
  const titles = ['soak', 'what', 'after a quarter', 'at the end', 'growth', 'at most', 'flat'];
  const rows = soaks.flatMap(({ serverName, cycles, samples }) =>
    growthIn(samples).map((growth) => soakRow(`${cycles.toLocaleString('en')} on ${serverName}`, growth)),
  );
  const rule = ['---', '---', '--:', '--:', '--:', '--:', '---'];
  return [titles, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function soakRow(soak: string, each: Growth): readonly string[] {
  const isBytes = each.measure.endsWith('Bytes');
  const amount = (value: number) => (isBytes ? `${(value / 1024 / 1024).toFixed(1)} MiB` : String(value));
  const growth = isBytes ? amount(each.growth) : each.growth.toFixed(1);
  const { title, atQuarter, atEnd, atMost, isFlat } = each;
  return [soak, title, amount(atQuarter), amount(atEnd), growth, amount(atMost), isFlat ? 'yes' : 'no'];
}

/** A case for a file. */
export function factsOf({ case: { operation, serverName, target, fault, place }, outcome, detail }: Tried) {
  return {
    operation: operation.name,
    server: serverName,
    ...target,
    fault: fault.name,
    place,
    outcome,
    detail,
  };
}
