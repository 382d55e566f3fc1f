import { kindNames, kinds } from './kinds';
import type { Cell, Direction } from './report';
import type { Impossible, Read, Tool, Write } from './tool';

/** One cell that can be: who writes, and how the other reads. */
export interface Pair {
  readonly cell: Cell;
  readonly title: string;
  /** The name of who writes. */
  readonly author: string;
  readonly write: Write;
  readonly read: Read;
}

/** One cell that cannot be. */
export interface Gap {
  readonly cell: Cell;
  readonly why: Impossible;
}

/** Every kind between us and each tool, in both directions. */
export function pairsOf(us: Tool, tools: readonly Tool[]): readonly (Pair | Gap)[] {
  return tools.flatMap((tool) =>
    kinds.flatMap((kind) => [
      pairOf({ tool: tool.name, kind, direction: 'reads' }, { writer: us, reader: tool }),
      pairOf({ tool: tool.name, kind, direction: 'writes' }, { writer: tool, reader: us }),
    ]),
  );
}

function pairOf(cell: Cell, { writer, reader }: Readonly<Record<'writer' | 'reader', Tool>>): Pair | Gap {
  const write = writer.writes[cell.kind];
  const read = reader.reads[cell.kind];
  if (typeof write !== 'string' && typeof read !== 'string') {
    return { cell, title: titleOf(cell), author: writer.name, write, read };
  }
  // What the tool itself cannot counts before what we cannot.
  const [own, other] = cell.direction === 'reads' ? [read, write] : [write, read];
  return { cell, why: typeof own === 'string' ? own : String(other) };
}

function titleOf({ tool, kind, direction }: Cell): string {
  const titles: Record<Direction, string> = {
    reads: `${tool} reads what we wrote: ${kindNames[kind]}`,
    writes: `we read what ${tool} wrote: ${kindNames[kind]}`,
  };
  return titles[direction];
}
