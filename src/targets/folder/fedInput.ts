/**
 * The input of a decoder that may stop before the input does, as Node's do where a member or frame ends. Remembers
 * the bytes that the decoder was given and did not take. `takenBytes` tells how many it took so far.
 */
export class FedInput {
  private readonly pieces: { readonly bytes: Buffer; readonly startsAt: number }[] = [];
  private fedBytes = 0;
  private pending: Promise<Buffer | undefined> = Promise.resolve(undefined);

  constructor(
    private readonly source: AsyncGenerator<Buffer>,
    private readonly takenBytes: () => number,
  ) {}

  /** Feeds the decoder. Leaves the source open when the decoder stops reading. Errors: those of the source. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (let bytes = await this.next(); bytes !== undefined; bytes = await this.next()) yield bytes;
  }

  /** True when nothing but zeros is left. Reads the source to its end for it. Errors: those of the source. */
  async isAtEnd(): Promise<boolean> {
    await this.pending;
    const taken = this.takenBytes();
    const left = this.pieces.map(({ bytes, startsAt }) => bytes.subarray(Math.max(0, taken - startsAt)));
    if (!left.every(isZero)) return false;
    for await (const bytes of this.source) if (!isZero(bytes)) return false;
    return true;
  }

  /** Lets the source go. Errors: none. */
  close(): void {
    this.source.return(undefined).catch(() => undefined);
  }

  private next(): Promise<Buffer | undefined> {
    this.pending = this.read();
    return this.pending;
  }

  private async read(): Promise<Buffer | undefined> {
    const step = await this.source.next();
    if (step.done) return undefined;
    const taken = this.takenBytes();
    while (this.pieces[0] && this.pieces[0].startsAt + this.pieces[0].bytes.length <= taken)
      this.pieces.shift();
    this.pieces.push({ bytes: step.value, startsAt: this.fedBytes });
    this.fedBytes += step.value.length;
    return step.value;
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.equals(Buffer.alloc(bytes.length));
}
