import type * as vscode from 'vscode';
import { bounded, worded } from '../oci/boundedText';
import { OciError, messageOf } from '../oci/errors';
import type { RequestLogEntry } from '../transport/transport';
import { oneLine } from './plainText';

/** The most of one entry, in UTF-16 units: an error with its causes. */
const MAX_ENTRY_LENGTH = 12_000;
const MAX_CAUSES = 5;

type Level = 'info' | 'warn' | 'error';

/** Writes one bounded line: each entry of the log comes through here. Texts of elsewhere in it are `quoted`. */
export function logLine(channel: vscode.LogOutputChannel, level: Level, text: string): void {
  channel[level](bounded(text, MAX_ENTRY_LENGTH));
}

/** Writes one line a request: method, redacted URL, status or error code, milliseconds. */
export function logRequest(channel: vscode.LogOutputChannel, entry: RequestLogEntry): void {
  const { method, url, outcome, elapsedMs } = entry;
  logLine(channel, 'info', worded`${method} ${url} ${outcome} ${Math.round(elapsedMs)} ms`);
}

/** Writes an error with its chain of causes. */
export function logError(channel: vscode.LogOutputChannel, what: string, error: unknown): void {
  logLine(channel, 'error', `${oneLine(what)}: ${causeChain(error).join(' <- ')}`);
}

/** Something that an operation went past, and why, as the rest of a sentence. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

const MAX_LEFT_OUT_LINES = 1_000;

/** Writes one line for each thing that an operation left out, to be read when its notification has gone. */
export function logLeftOut(
  channel: vscode.LogOutputChannel,
  what: string,
  leftOut: readonly LeftOut[],
): void {
  for (const { name, reason } of leftOut.slice(0, MAX_LEFT_OUT_LINES))
    channel.warn(`${what} left out ${oneLine(name)}: ${oneLine(reason)}`);
  const more = leftOut.length - MAX_LEFT_OUT_LINES;
  if (more > 0) channel.warn(`${what} left out ${more} more`);
}

function causeChain(error: unknown, depth = 0): string[] {
  const own = oneLine(error instanceof OciError ? `${error.code} ${error.message}` : messageOf(error));
  const cause = error instanceof Error ? error.cause : undefined;
  return cause && depth < MAX_CAUSES ? [own, ...causeChain(cause, depth + 1)] : [own];
}
