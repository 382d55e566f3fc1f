/** A connection is judged over so long at a time. */
const JUDGED_MS = 700;
/** What comes faster is not slow. */
const SLOW_BYTES_PER_MS = 64_000;
/** Where the receiver was waited for during this part of the time, the connection is not what is slow. */
const HELD_BACK = 0.2;

/** Judges again and again whether a connection is what a download waits for. `nowMs` is a clock in milliseconds. */
export class LinePace {
  private sinceMs: number;
  private bytes = 0;
  private heldBackMs = 0;
  private heldBackSinceMs: number | undefined;

  constructor(private readonly nowMs: () => number) {
    this.sinceMs = nowMs();
  }

  /** The receiver takes no more until `goOn`. */
  holdBack(): void {
    this.heldBackSinceMs ??= this.nowMs();
  }

  goOn(): void {
    this.heldBackMs += this.nowMs() - (this.heldBackSinceMs ?? this.nowMs());
    this.heldBackSinceMs = undefined;
  }

  /** True when a stretch of time ends with these bytes in which little came, and not for want of room. */
  isSlowWith(bytes: number): boolean {
    this.bytes += bytes;
    const elapsedMs = this.nowMs() - this.sinceMs;
    if (elapsedMs < JUDGED_MS) return false;
    const isSlow = this.bytes / elapsedMs < SLOW_BYTES_PER_MS && this.heldBackMs < elapsedMs * HELD_BACK;
    this.sinceMs += elapsedMs;
    this.bytes = this.heldBackMs = 0;
    return isSlow;
  }
}
