import type { Send } from './outgoing';
import type { ResponseHeaders } from './transport';

/** How many pulls a registry lets through in a span, and how many of them are left. */
export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  /** The span in seconds, where the registry names it. */
  readonly windowSeconds?: number;
}

const QUOTA = /^\s*(\d{1,9})(?:\s*;\s*w=(\d{1,9}))?/;

/**
 * Reads `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 76;w=21600`; undefined where either is missing.
 * Source: Docker Hub's documentation, "Pull usage and limits": answers to manifest requests carry them.
 */
export function parseRateLimit(headers: ResponseHeaders): RateLimit | undefined {
  const limit = QUOTA.exec(headers.get('ratelimit-limit') ?? '');
  const remaining = QUOTA.exec(headers.get('ratelimit-remaining') ?? '');
  if (!limit || !remaining) return undefined;
  const window = limit[2] ?? remaining[2];
  return {
    limit: Number(limit[1]),
    remaining: Number(remaining[1]),
    ...(window !== undefined && { windowSeconds: Number(window) }),
  };
}

/** Reports what a host says is left; only its own answers count, not those of hosts that it leads on to. */
export function withRateLimits(next: Send, onRateLimit: (host: string, limit: RateLimit) => void): Send {
  return async (outgoing, wait) => {
    const response = await next(outgoing, wait);
    const limit = outgoing.url.origin === outgoing.origin.origin && parseRateLimit(response.headers);
    if (limit) onRateLimit(outgoing.endpoint.host, limit);
    return response;
  };
}
