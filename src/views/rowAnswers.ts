import { isBelow, type Node, type WaitingNode } from './nodes';

/** How long a row that is opened may take before it says that it waits. */
export const PATIENCE_MS = 5000;
/** How long a row that is read again may take before its rows of before stand in for the new ones. */
const REREAD_MS = 300;

export interface RowAnswersOptions {
  /** Reads the rows below a node. Never fails: an error is a row. */
  readonly read: (node: Node, signal: AbortSignal) => Promise<readonly Node[]>;
  /** Draws a node again: the rows below it have changed since it was answered. */
  readonly onChange: (node: Node) => void;
  /** The rows below a node that nobody has to be asked for. */
  readonly known?: (node: Node) => readonly Node[];
  /** For tests: see `PATIENCE_MS`. */
  readonly patienceMs?: number;
}

interface Request {
  /** The node as it was handed out last: VS Code knows a row by identity. */
  node: Node;
  readonly controller: AbortController;
  readonly rows: Promise<readonly Node[]>;
  readonly startedAtMs: number;
  /** The rows, once they arrived. */
  arrived?: readonly Node[];
  /** Others stood in for the rows meanwhile. */
  isOwed: boolean;
  noteTimer?: NodeJS.Timeout;
}

/**
 * The rows below each node, read once until they are forgotten. VS Code draws a tree only when every open row has
 * answered, so each answers in time: with the rows of before and a row that says that it waits.
 */
export class RowAnswers {
  private readonly requests = new Map<string, Request>();
  /** The rows that each node had last, by its id; also those that were forgotten and are read again. */
  private readonly before = new Map<string, readonly Node[]>();
  private readonly shown = new Map<string, Node>();
  /** The ids of nodes that had not answered when they were forgotten. */
  private readonly silent = new Set<string>();
  private readonly patienceMs: number;

  constructor(private readonly options: RowAnswersOptions) {
    this.patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  /** The rows below a node as far as they are known in time; `onChange` follows when they arrive later. */
  async inTime(node: Node): Promise<readonly Node[]> {
    const request = this.requestOf(node);
    const rows = await within(request.rows, this.timeFor(node));
    return this.record(rows ?? this.meanwhile(request));
  }

  /** The rows below a node as they are, none when they take longer than a person waits. */
  async fresh(node: Node): Promise<readonly Node[]> {
    return this.record((await within(this.requestOf(node).rows, this.patienceMs)) ?? []);
  }

  /** The rows below a node, however long they take. */
  whole(node: Node): Promise<readonly Node[]> {
    return this.requestOf(node).rows;
  }

  /** The node of an id as it was handed out last. */
  find(id: string): Node | undefined {
    return this.shown.get(id);
  }

  /** Remembers rows as handed out. */
  record(rows: readonly Node[]): readonly Node[] {
    for (const row of rows) this.shown.set(row.id, row);
    return rows;
  }

  /** Has the rows of one node put together again from what was read. */
  redo(node: Node): void {
    this.requests.delete(node.id);
  }

  /** Cancels what a node and the rows below it wait for, and has them read again when they are asked for. */
  forget(node?: Node): void {
    for (const [id, request] of this.requests) {
      if (node && !isBelow(request.node, node.id)) continue;
      if (!request.arrived) this.silent.add(id);
      clearTimeout(request.noteTimer);
      this.requests.delete(id);
      request.controller.abort();
    }
  }

  /** Forgets a node for good, with the rows it had. */
  drop(node: Node): void {
    this.forget(node);
    for (const [id, known] of this.shown) if (isBelow(known, node.id)) this.shown.delete(id);
    for (const [id, [first]] of this.before) if (first && isBelow(first, node.id)) this.before.delete(id);
    this.before.delete(node.id);
    this.silent.delete(node.id);
  }

  /** Gives up on a node that has not answered: its rows of before stay, with a row that says so. */
  stop(node: Node): void {
    const request = this.requests.get(node.id);
    if (!request || request.arrived) return;
    clearTimeout(request.noteTimer);
    request.controller.abort();
    this.silent.add(node.id);
    const rows = [...this.rowsOfBefore(node), waitingNode(node, true)];
    const { controller, startedAtMs } = request;
    const ended = {
      controller,
      startedAtMs,
      node,
      rows: Promise.resolve(rows),
      arrived: rows,
      isOwed: false,
    };
    this.requests.set(node.id, ended);
    this.options.onChange(request.node);
  }

  private requestOf(node: Node): Request {
    const known = this.requests.get(node.id);
    if (known) known.node = node;
    return known ?? this.start(node);
  }

  private start(node: Node): Request {
    const controller = new AbortController();
    const rows = this.options.read(node, controller.signal);
    const request: Request = { node, controller, rows, startedAtMs: Date.now(), isOwed: false };
    this.requests.set(node.id, request);
    void rows.then((arrived) => this.arrive(request, arrived));
    return request;
  }

  private arrive(request: Request, rows: readonly Node[]): void {
    clearTimeout(request.noteTimer);
    const { id } = request.node;
    if (this.requests.get(id) !== request) return;
    request.arrived = rows;
    this.before.set(id, rows);
    this.silent.delete(id);
    if (request.isOwed) this.options.onChange(request.node);
  }

  private timeFor({ id }: Node): number {
    const isKnown = this.before.has(id) || this.silent.has(id);
    return isKnown || this.requests.get(id)?.isOwed ? Math.min(REREAD_MS, this.patienceMs) : this.patienceMs;
  }

  private meanwhile(request: Request): readonly Node[] {
    const { node } = request;
    const before = this.rowsOfBefore(node);
    const leftMs = this.patienceMs - (Date.now() - request.startedAtMs);
    request.isOwed = true;
    if (before.length === 0 || leftMs <= 0) return [...before, waitingNode(node)];
    request.noteTimer ??= setTimeout(() => this.options.onChange(request.node), leftMs);
    return before;
  }

  private rowsOfBefore(node: Node): readonly Node[] {
    const rows = this.before.get(node.id) ?? this.options.known?.(node) ?? [];
    return rows.filter(({ kind }) => kind !== 'waiting');
  }
}

function waitingNode(parent: Node, isStopped = false): WaitingNode {
  return { kind: 'waiting', id: `${parent.id}#waiting`, parent, isStopped };
}

async function within<T>(work: Promise<T>, timeMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), timeMs)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
