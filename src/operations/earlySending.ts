import { canGiveUnread, canWriteEarly } from '../oci/abilities';
import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import type {
  ContentSource,
  EarlyUpload,
  FileSource,
  LocalFile,
  TransferOptions,
  UnreadFile,
  WaitOptions,
} from '../oci/target';
import type { ByteMeter } from './progress';
import { DEFAULT_CONCURRENCY } from './readArtifact';

/** From this size on, a file takes longer to read than a registry takes to be asked for a place. */
const EARLY_BYTES = 32 * 1024 * 1024;

/** Where files come from and go, and who counts the bytes that are sent. */
export interface EarlyJob {
  readonly source: FileSource;
  readonly destination: object;
  readonly meter: ByteMeter;
}

/** At most `concurrency` files are on their way at once. */
export interface EarlyOptions extends WaitOptions {
  readonly earlyBytes?: number;
  readonly concurrency?: number;
}

/** What became of a try to send a file early; undefined where it is to be pushed. */
type Begun = Promise<EarlyUpload | undefined>;

/**
 * A file source whose large files are on their way to the destination while they are read for their digest; `measure`
 * finds out which are large. Whoever sends takes the upload of a digest and completes it, or has it cancelled; `end`
 * cancels those that are left. One that does not begin, or fails, is no error: its content is pushed as any other.
 */
export class EarlySending implements FileSource {
  /** Paths of what is worth it, as far as was measured. */
  private readonly large = new Set<string>();
  private readonly begun = new Set<Begun>();
  private readonly byDigest = new Map<Digest, Begun>();
  private readonly stop = new AbortController();
  /** One is begun after the other: a registry that refuses is not asked twice. */
  private turn: Promise<unknown> = Promise.resolve();
  private isRefused = false;
  private runningCount = 0;

  private readonly wait: WaitOptions;

  constructor(
    private readonly job: EarlyJob,
    private readonly options: EarlyOptions = {},
  ) {
    const { signal } = options;
    this.wait = { signal: signal ? AbortSignal.any([signal, this.stop.signal]) : this.stop.signal };
  }

  async add(file: LocalFile, options?: TransferOptions): Promise<Descriptor> {
    if (!this.large.has(file.path)) return this.job.source.add(file, options);
    const reading = { isOver: false };
    const upload = this.begin(file, reading);
    const descriptor = await this.job.source.add(file, options);
    reading.isOver = true;
    // Two files of one content are one blob.
    if (this.byDigest.has(descriptor.digest)) await this.drop(upload);
    else this.byDigest.set(descriptor.digest, upload);
    return descriptor;
  }

  async measure(file: LocalFile, options?: WaitOptions): Promise<number> {
    const sizeBytes = await this.job.source.measure(file, options);
    if (sizeBytes >= (this.options.earlyBytes ?? EARLY_BYTES)) this.large.add(file.path);
    return sizeBytes;
  }

  content(descriptor: Descriptor): ContentSource {
    return this.job.source.content(descriptor);
  }

  /** The upload of a content, for whoever completes it; undefined where there is none. */
  take(digest: Digest): Begun {
    const upload = this.byDigest.get(digest) ?? Promise.resolve(undefined);
    this.byDigest.delete(digest);
    this.begun.delete(upload);
    return upload;
  }

  /** Stops sending a content that need not be sent. */
  async cancel(digest: Digest): Promise<void> {
    await (await this.take(digest))?.cancel();
  }

  /** Stops all that nobody took. Safe to call twice. */
  async end(): Promise<void> {
    this.stop.abort();
    await Promise.all([...this.begun].map((upload) => this.drop(upload)));
  }

  private async drop(upload: Begun): Promise<void> {
    this.begun.delete(upload);
    await (await upload)?.cancel();
  }

  private begin(file: LocalFile, reading: { readonly isOver: boolean }): Begun {
    const upload = this.turn.then(() => this.unlessRefused(file, reading));
    this.turn = upload;
    this.begun.add(upload);
    return upload;
  }

  private async unlessRefused(file: LocalFile, reading: { readonly isOver: boolean }): Begun {
    const { concurrency = DEFAULT_CONCURRENCY } = this.options;
    const { source, destination } = this.job;
    if (this.isRefused || reading.isOver || this.runningCount >= concurrency) return undefined;
    if (!canGiveUnread(source) || !canWriteEarly(destination)) return undefined;
    try {
      const unread = await source.unread(file, this.wait);
      if (!unread) return undefined;
      const onBytes = this.counter(file.title, unread, reading);
      const upload = await destination.beginEarly(unread, { ...this.wait, onBytes });
      if (upload) this.countRunning(upload);
      return upload;
    } catch {
      this.isRefused = true;
      return undefined;
    }
  }

  private countRunning(upload: EarlyUpload): void {
    this.runningCount++;
    void upload.settled.then(() => this.runningCount--);
  }

  /** While a file is read as well, that is what is said. */
  private counter(
    name: string,
    { sizeBytes: totalBytes }: UnreadFile,
    reading: { readonly isOver: boolean },
  ) {
    let doneBytes = 0;
    return (deltaBytes: number) => {
      doneBytes += deltaBytes;
      const current = `${reading.isOver ? 'Sending' : 'Reading'} ${name}`;
      this.job.meter.add(deltaBytes, current, { name, doneBytes, totalBytes });
    };
  }
}
