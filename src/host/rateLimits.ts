import type { RateLimit } from '../transport/rateLimit';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;

/** What registries said last about the pulls that are left. */
export class RateLimits {
  private readonly byHost = new Map<string, RateLimit>();

  /** Returns it in words. */
  record(host: string, limit: RateLimit): string {
    this.byHost.set(host, limit);
    return rateLimitText(limit);
  }

  /** For people: `76 of 100 pulls left per 6 hours`; undefined where the registry said nothing. */
  describe(host: string): string | undefined {
    const limit = this.byHost.get(host);
    return limit && rateLimitText(limit);
  }
}

/** A limit in words. */
export function rateLimitText({ limit, remaining, windowSeconds }: RateLimit): string {
  const text = `${remaining} of ${limit} pulls left`;
  return windowSeconds === undefined ? text : `${text} per ${spanText(windowSeconds)}`;
}

function spanText(seconds: number): string {
  const [amount, unit] =
    seconds % HOUR_SECONDS === 0
      ? [seconds / HOUR_SECONDS, 'hour']
      : [Math.max(1, Math.round(seconds / MINUTE_SECONDS)), 'minute'];
  return amount === 1 ? unit : `${amount} ${unit}s`;
}
