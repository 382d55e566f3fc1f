import { Readable } from 'node:stream';
import type { ContentSource, WaitOptions } from '../../oci/target';

/** Content that whoever sends it can bring to an end: what is on its way then ends properly, and is a part. */
export class EndableContent implements ContentSource {
  private isEnded = false;

  constructor(private readonly content: ContentSource) {}

  async open(options?: WaitOptions): Promise<Readable> {
    const source = await this.content.open(options);
    return Readable.from(this.untilEnded(source), { objectMode: false });
  }

  end(): void {
    this.isEnded = true;
  }

  private async *untilEnded(source: Readable): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (this.isEnded) return;
      yield chunk;
    }
  }
}
