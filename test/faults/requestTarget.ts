import type { Exchange } from '../support/faultyProxy';

/**
 * A kind of request that an operation makes, by method, path and kind of body. The number of a request differs from run
 * to run: a busy machine signs in sooner or later, sends blobs in another order, and repeats a request that was slow.
 */
export interface Target {
  /** Method, path and kind of body, without the case's name and the addresses of uploads. */
  readonly key: string;
  readonly isSignedIn: boolean;
  /** Whether the operation wrote to the same path before. */
  readonly isAfterWrite: boolean;
}

/** Tells the target of each request of one run. */
export class TargetReader {
  private readonly written = new Set<string>();

  constructor(private readonly caseName: string) {}

  /** Call it once for each request, in the order of their arrival. */
  read(exchange: Exchange): Target {
    const { method, isSignedIn } = exchange;
    const path = this.plainPath(exchange);
    const isAfterWrite = this.written.has(path);
    if (method === 'PUT' || method === 'DELETE') this.written.add(path);
    return { key: `${method} ${path}${bodyKindOf(exchange)}`, isSignedIn, isAfterWrite };
  }

  private plainPath({ path }: Exchange): string {
    const plain = path.replaceAll(this.caseName, 'case').replace(/(uploads\/)[^?]+(\?|$)/, '$1...$2');
    return plain.replace(/_state=[^&]*&?/, '');
  }
}

function bodyKindOf({ contentType, range }: Exchange): string {
  const kinds = [contentType, range && (range === 'bytes=0-0' ? 'first byte' : 'range')].filter(Boolean);
  return kinds.length > 0 ? ` (${kinds.join(', ')})` : '';
}

/**
 * Whether a request is one that a case means. A target from before the sign-in or the write also meets later requests,
 * for a run need not have an earlier one.
 */
export function isMeant(request: Target, target: Target): boolean {
  if (request.key !== target.key) return false;
  return (request.isSignedIn || !target.isSignedIn) && (request.isAfterWrite || !target.isAfterWrite);
}

/** A target in one line. */
export function nameOfTarget({ key, isSignedIn, isAfterWrite }: Target): string {
  return [key, isSignedIn && 'signed in', isAfterWrite && 'after a write'].filter(Boolean).join(', ');
}
