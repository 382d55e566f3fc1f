import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../../support/projectRoot';
import { kindNames, kinds, type Kind } from './kinds';

/** `reads`: the tool read what we wrote. `writes`: we read what the tool wrote. */
export type Direction = 'reads' | 'writes';

/** One cell: a tool, a kind and a direction, over all servers. */
export interface Cell {
  readonly tool: string;
  readonly kind: Kind;
  readonly direction: Direction;
}

/** Collects what ran, and writes the table of it. */
export class Report {
  private readonly versions = new Map<string, string>();
  private readonly impossible = new Map<string, string>();
  /** Cell to server to whether the test passed. */
  private readonly results = new Map<string, Map<string, boolean>>();

  constructor(private readonly servers: readonly string[]) {}

  /** A column of the table. */
  addTool(name: string, version: string): void {
    this.versions.set(name, version);
  }

  /** Notes that a test started; it counts as failed until it has passed. */
  began(cell: Cell, server: string): void {
    const results = this.results.get(keyOf(cell)) ?? new Map<string, boolean>();
    this.results.set(keyOf(cell), results.set(server, false));
  }

  passed(cell: Cell, server: string): void {
    this.results.get(keyOf(cell))?.set(server, true);
  }

  /** Notes why there is no test. */
  cannot(cell: Cell, why: string): void {
    this.impossible.set(keyOf(cell), why);
  }

  /** Writes out/interop.md. */
  async write(): Promise<void> {
    const file = path.join(projectRoot(), 'out/interop.md');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, this.text());
  }

  /** The whole page as Markdown. */
  text(): string {
    const tools = [...this.versions.keys()];
    const reasons: string[] = [];
    const rows = kinds.map((kind) => [
      kindNames[kind],
      ...tools.map((tool) => this.entry(tool, kind, reasons)),
    ]);
    const head = [
      'by way of a server',
      ...tools.map((tool) => `${tool} ${this.versions.get(tool) ?? ''}`.trim()),
    ];
    const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
    const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`);
    return `${[this.heading(), ...table, '', ...notes].join('\n')}\n`;
  }

  private heading(): string {
    const all = [...this.results.values()].flatMap((results) => [...results.values()]);
    const passed = all.filter((isPassed) => isPassed).length;
    return [
      '# The tools of others and this extension',
      '',
      `${passed} tests passed, ${all.length - passed} failed, by way of ${this.servers.length} servers:`,
      `${this.servers.join(', ')}.`,
      '',
      '`→ 4`: on 4 servers the tool read what this extension wrote. `← 4`: on 4 servers this extension read what the',
      'tool wrote. A number in brackets stands for the reason below why there is no such test.',
      '',
    ].join('\n');
  }

  private entry(tool: string, kind: Kind, reasons: string[]): string {
    const parts = (['reads', 'writes'] as const).map((direction) =>
      this.result({ tool, kind, direction }, reasons),
    );
    const [reads = '', writes = ''] = parts;
    return reads === writes && reads.startsWith('(') ? reads : `→ ${reads} ← ${writes}`;
  }

  private result(cell: Cell, reasons: string[]): string {
    const why = this.impossible.get(keyOf(cell));
    if (why !== undefined) return `(${noteNumber(why, reasons)})`;
    const results = [...(this.results.get(keyOf(cell)) ?? [])];
    const failed = results.filter(([, isPassed]) => !isPassed).map(([server]) => server);
    if (failed.length > 0)
      return `**${results.length - failed.length}, failed by way of ${failed.join(', ')}**`;
    return results.length === 0 ? 'not run' : String(results.length);
  }
}

const keyOf = ({ tool, kind, direction }: Cell) => [tool, kind, direction].join(' ');

/** The number of a reason; each is listed once. */
function noteNumber(why: string, reasons: string[]): number {
  if (!reasons.includes(why)) reasons.push(why);
  return reasons.indexOf(why) + 1;
}
