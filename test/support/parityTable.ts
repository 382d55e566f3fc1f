import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from './projectRoot';

/** One comparison: what was written, the digest that the other program gave it, and whether ours is the same. */
export interface ParityRow {
  readonly mode: string;
  readonly theirs: string;
  readonly same: boolean;
}

/** Gathers comparisons and writes them as a table to out/<name>.md, so that it says what was run and nothing else. */
export class ParityTable {
  private readonly rows: ParityRow[] = [];

  constructor(
    private readonly name: string,
    private readonly heading: string,
  ) {}

  add(row: ParityRow): void {
    this.rows.push(row);
  }

  async write(): Promise<void> {
    const lines = this.rows.map(
      ({ mode, theirs, same }) => `| ${mode} | \`${theirs}\` | ${same ? 'same bytes' : 'DIFFERENT'} |`,
    );
    const table = ['| mode | digest | ours |', '| --- | --- | --- |', ...lines];
    const folder = path.join(projectRoot(), 'out');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, `${this.name}.md`), [`# ${this.heading}`, '', ...table, ''].join('\n'));
  }
}
