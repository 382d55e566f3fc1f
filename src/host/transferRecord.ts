import { isObject } from '../oci/memberChecks';

/** A kind whose job changes its form gets another name: what another version wrote is then not taken for ours. */
const KINDS = [
  'pull',
  'push',
  'copy',
  'backup',
  'restore',
  'attach',
  'chart',
  'manifest',
  'blob',
  'save',
  'pushTask',
  'pullTask',
] as const;

/** What can be listed and continued; `manifest` is one alone, an index or an edited one; `save` is of a blob to a file. */
export type TransferKind = (typeof KINDS)[number];

/** A transfer that is about to start. */
export interface NewTransfer {
  readonly kind: TransferKind;
  /** Tells whether another is the same one, begun before; the whole job by default. */
  readonly identity?: readonly unknown[];
  /** What its row says: `Copy a to b`. */
  readonly title: string;
  /** What the title leaves out: `Into /folder`. */
  readonly detail?: string;
  /** Bytes, where they are known beforehand. */
  readonly totalBytes?: number;
  /** As JSON, what it takes to start it again, so that the same comes of it. */
  readonly job: object;
}

/** What is kept of a transfer as JSON. */
export interface SavedTransfer extends Omit<NewTransfer, 'identity'> {
  readonly state: 'running' | 'paused' | 'failed';
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Why it failed. */
  readonly message?: string;
}

type Members = Readonly<Partial<Record<keyof SavedTransfer, unknown>>>;

/** What a record says; undefined for one that another version wrote, or that is not whole. */
export function savedTransfer(record: unknown): SavedTransfer | undefined {
  return isObject(record) && isWhole(record) ? record : undefined;
}

function isWhole(saved: Members): saved is SavedTransfer {
  const { kind, title, job, state, doneBytes, totalBytes } = saved;
  return (
    KINDS.some((known) => known === kind) &&
    typeof title === 'string' &&
    isObject(job) &&
    (state === 'running' || state === 'paused' || state === 'failed') &&
    typeof doneBytes === 'number' &&
    typeof totalBytes === 'number'
  );
}
