import type { FileHandle } from 'node:fs/promises';

/** How much is gathered before it is written at once: few system calls, and the next batch arrives meanwhile. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** Where to write, and who is told. */
export interface AppendOptions {
  /** Offset in bytes of the first byte. */
  readonly position?: number;
  /** Called with each batch in order, once its write has begun; the place to hash or count. */
  readonly onBatch?: (batch: readonly Uint8Array[]) => void;
}

/**
 * Writes a stream to an open file in large batches and returns the number of bytes. When the stream fails, what
 * arrived before is written all the same, so that the file and what `onBatch` saw agree. Errors: those of the stream
 * and of the file system, as they are.
 */
export async function appendChunks(
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  options: AppendOptions = {},
): Promise<number> {
  const writer = new BatchWriter(file, options);
  try {
    for await (const chunk of chunks) await writer.add(chunk);
  } finally {
    await writer.flush();
  }
  return writer.writtenBytes;
}

class BatchWriter {
  writtenBytes = 0;
  private batch: Uint8Array[] = [];
  private batchBytes = 0;
  private pending: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: FileHandle,
    private readonly options: AppendOptions,
  ) {}

  async add(chunk: Uint8Array): Promise<void> {
    this.batch.push(chunk);
    this.batchBytes += chunk.length;
    if (this.batchBytes >= BATCH_BYTES) await this.startWrite();
  }

  async flush(): Promise<void> {
    if (this.batchBytes > 0) await this.startWrite();
    await this.pending;
  }

  private async startWrite(): Promise<void> {
    await this.pending;
    const batch = this.batch;
    this.pending = writeAll(this.file, batch, (this.options.position ?? 0) + this.writtenBytes);
    // A failure is met at the next await; without this it would count as unhandled until then.
    this.pending.catch(() => undefined);
    this.writtenBytes += this.batchBytes;
    this.batch = [];
    this.batchBytes = 0;
    this.options.onBatch?.(batch);
  }
}

/** The system may write less than it was given. */
async function writeAll(file: FileHandle, batch: readonly Uint8Array[], position: number): Promise<void> {
  const total = batch.reduce((sum, { length }) => sum + length, 0);
  let { bytesWritten: done } = await file.writev(batch, position);
  if (done === total) return;
  const whole = Buffer.concat(batch);
  while (done < total) done += (await file.write(whole, done, total - done, position + done)).bytesWritten;
}
