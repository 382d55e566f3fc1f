import type * as vscode from 'vscode';
import { OciError, messageOf } from '../oci/errors';
import type { RequestLogEntry } from '../transport/transport';
import { oneLine } from './plainText';

/** Writes one line a request: method, redacted URL, status or error code, milliseconds. */
export function logRequest(channel: vscode.LogOutputChannel, entry: RequestLogEntry): void {
  const { method, url, outcome, elapsedMs } = entry;
  channel.info(`${method} ${url} ${outcome} ${Math.round(elapsedMs)} ms`);
}

/** Writes an error with its chain of causes. */
export function logError(channel: vscode.LogOutputChannel, what: string, error: unknown): void {
  channel.error(`${what}: ${causeChain(error).join(' <- ')}`);
}

function causeChain(error: unknown, depth = 0): string[] {
  const own = oneLine(error instanceof OciError ? `${error.code} ${error.message}` : messageOf(error));
  const cause = error instanceof Error ? error.cause : undefined;
  return cause && depth < 5 ? [own, ...causeChain(cause, depth + 1)] : [own];
}
