import type { Clock } from '../clock';

/** A bearer token and how long it is good for, in milliseconds from now. */
export interface Token {
  readonly text: string;
  readonly lifetimeMs: number;
}

interface Entry {
  readonly text: string;
  readonly staleAtMs: number;
}

const MAX_ENTRIES = 500;
/** A token is given up this long before its end, or after three quarters of a short life. */
const MARGIN_MS = 30_000;

/** The tokens of one registry by account and scopes. Those who ask at the same time share one request. */
export class TokenCache {
  private readonly entries = new Map<string, Entry>();
  private readonly pending = new Map<string, Promise<string>>();

  constructor(private readonly clock: Clock) {}

  /** The token under `key`, fetched when there is none or it is about to end. Errors: those of `fetch`. */
  async obtain(key: string, fetch: () => Promise<Token>): Promise<string> {
    const known = this.entries.get(key);
    if (known && known.staleAtMs > this.clock.now()) return known.text;
    const pending = this.pending.get(key) ?? this.start(key, fetch);
    return pending;
  }

  /** Forgets the token under `key` if it is still the one that was refused. */
  drop(key: string, text: string): void {
    if (this.entries.get(key)?.text === text) this.entries.delete(key);
  }

  private start(key: string, fetch: () => Promise<Token>): Promise<string> {
    const pending = this.fetchInto(key, fetch).finally(() => this.pending.delete(key));
    this.pending.set(key, pending);
    return pending;
  }

  private async fetchInto(key: string, fetch: () => Promise<Token>): Promise<string> {
    const askedAtMs = this.clock.now();
    const { text, lifetimeMs } = await fetch();
    this.makeRoom();
    const staleAtMs = askedAtMs + lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 4);
    this.entries.set(key, { text, staleAtMs });
    return text;
  }

  private makeRoom(): void {
    const nowMs = this.clock.now();
    for (const [key, { staleAtMs }] of this.entries) if (staleAtMs <= nowMs) this.entries.delete(key);
    const [oldest] = this.entries.keys();
    if (this.entries.size >= MAX_ENTRIES && oldest !== undefined) this.entries.delete(oldest);
  }
}
