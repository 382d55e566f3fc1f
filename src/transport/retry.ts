import { NetworkError } from '../oci/errors';
import type { Clock } from './clock';
import type { Outgoing, Send } from './outgoing';
import { discard } from './readCapped';
import type { TransportResponse } from './transport';

/** How often and how patiently a request is sent again. Spans in milliseconds. */
export interface RetryOptions {
  readonly clock: Clock;
  /** From 0 to 1, so that clients that failed together do not return together. */
  readonly random?: () => number;
  /** Errors that were retried in vain; shared by layers within layers, so that tries do not multiply. */
  readonly givenUp?: WeakSet<Error>;
}

const MAX_TRIES = 5;
/** A host that stays silent is asked once more only: each try costs a whole timeout. */
const MAX_SILENT_TRIES = 2;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 8_000;
/** A server that wants a longer pause than this gets none: the failure is shown instead. */
const MAX_PAUSE_MS = 60_000;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w: -]+$/;
const RESET_CODES = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'EAI_AGAIN']);

/**
 * Sends again after 408, 429, 5xx (not 501), cut connections and timeouts, each time after a longer pause; `Retry-After`
 * makes a pause longer, never shorter. The last answer or error is passed on. What is to be sent once is left alone: a
 * part may have been taken.
 */
export function withRetry(next: Send, options: RetryOptions): Send {
  const { clock, random = Math.random, givenUp = new WeakSet<Error>() } = options;
  return async (outgoing, wait) => {
    for (let tries = 1; ; tries++) {
      const attempt = outgoing.locate ? { ...outgoing, url: await outgoing.locate() } : outgoing;
      const outcome = await settle(() => next(attempt, wait));
      const pauseMs =
        tries < triesFor(outcome, outgoing, givenUp)
          ? Math.max(askedPauseMs(outcome, clock) ?? 0, backoffMs(tries, random))
          : Infinity;
      if (pauseMs > MAX_PAUSE_MS) return unwrap(outcome, givenUp);
      if ('response' in outcome) discard(outcome.response);
      await clock.wait(pauseMs, wait);
    }
  };
}

/**
 * Reads how many milliseconds `Retry-After` asks for: seconds, which some servers write with a fraction, or an HTTP date, 0 for
 * one that is past. Undefined for anything else. Spec: RFC 9110 sections 5.6.7 and 10.2.3.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  const text = (header ?? '').trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  // `Date.parse` takes far more for a date: of `-1` it makes the year 2001.
  if (!HTTP_DATE.test(text)) return undefined;
  const date = Date.parse(/\bGMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

type Outcome = { readonly response: TransportResponse } | { readonly error: unknown };

async function settle(run: () => Promise<TransportResponse>): Promise<Outcome> {
  try {
    return { response: await run() };
  } catch (error) {
    return { error };
  }
}

function unwrap(outcome: Outcome, givenUp: WeakSet<Error>): TransportResponse {
  if ('response' in outcome) return outcome.response;
  if (outcome.error instanceof Error) givenUp.add(outcome.error);
  throw outcome.error;
}

function triesFor(outcome: Outcome, { once }: Outgoing, givenUp: WeakSet<Error>): number {
  if (once) return 1;
  if ('response' in outcome) return isPassing(outcome.response.status) ? MAX_TRIES : 1;
  if (!(outcome.error instanceof NetworkError) || givenUp.has(outcome.error)) return 1;
  if (outcome.error.causeCode === 'ETIMEDOUT') return MAX_SILENT_TRIES;
  return RESET_CODES.has(outcome.error.causeCode) ? MAX_TRIES : 1;
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

function askedPauseMs(outcome: Outcome, clock: Clock): number | undefined {
  if (!('response' in outcome)) return undefined;
  return retryAfterMs(outcome.response.headers.get('retry-after'), clock.now());
}

function backoffMs(tries: number, random: () => number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (tries - 1)) * (0.5 + random() / 2);
}
