import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { algorithmOf, type Digest } from '../oci/digest';
import { appendChunks } from '../targets/layout/appendChunks';

const REHASH_READ_BYTES = 1024 * 1024;

/** The state in which a session begins. */
export interface UploadState {
  readonly id: string;
  readonly repository: string;
  /** The session's own folder. */
  readonly folder: string;
  /** What is on disk already. */
  readonly sizeBytes: number;
  /** The digest algorithm to compute while bytes arrive: sha256 or sha512. */
  readonly algorithm: string;
}

/**
 * One upload: bytes are appended to a file and hashed while they are written. Requests for the same session take
 * turns. A session that was begun before a restart goes on from its file.
 */
export class UploadSession {
  readonly id: string;
  readonly repository: string;
  private size: number;
  /** Undefined when bytes are on disk that it did not see; the file is read again then. */
  private hash: Hash | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private discarded = false;

  constructor(private readonly state: UploadState) {
    this.id = state.id;
    this.repository = state.repository;
    this.size = state.sizeBytes;
    this.hash = state.sizeBytes === 0 ? createHash(state.algorithm) : undefined;
  }

  /** True when it has been completed or cancelled. */
  get isOver(): boolean {
    return this.discarded;
  }

  /** What has been received, in bytes. */
  get sizeBytes(): number {
    return this.size;
  }

  /** The file that holds it. */
  get file(): string {
    return path.join(this.state.folder, 'data');
  }

  /** Runs `work` when no other request works on this session. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Appends a body. Errors: those of the stream and of the file system; what arrived before them is kept. */
  async append(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await open(this.file, 'r+');
    try {
      await appendChunks(file, chunks, {
        position: this.size,
        onBatch: (batch) => batch.forEach((chunk) => this.count(chunk)),
      });
    } catch (error) {
      // A failed write leaves the count ahead of the file.
      const { size } = await file.stat();
      if (size !== this.size) this.hash = undefined;
      this.size = size;
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Forgets what was received behind the first `sizeBytes`. */
  async rollBack(sizeBytes: number): Promise<void> {
    await truncate(this.file, sizeBytes);
    this.size = sizeBytes;
    this.hash = sizeBytes === 0 ? createHash(this.state.algorithm) : undefined;
  }

  /** The digest of what has been received. */
  async digest(algorithm: string): Promise<Digest> {
    const hash =
      this.hash && algorithm === this.state.algorithm
        ? this.hash.copy()
        : await hashFile(this.file, algorithm);
    return `${algorithm}:${hash.digest('hex')}`;
  }

  /** True when what has been received has this digest. */
  async matches(expected: Digest): Promise<boolean> {
    return (await this.digest(algorithmOf(expected))) === expected;
  }

  /** Removes what is on disk. */
  async discard(): Promise<void> {
    this.discarded = true;
    await rm(this.state.folder, { recursive: true, force: true });
  }

  private count(chunk: Uint8Array): void {
    this.size += chunk.length;
    this.hash?.update(chunk);
  }
}

async function hashFile(file: string, algorithm: string): Promise<Hash> {
  const hash = createHash(algorithm);
  await pipeline(
    createReadStream(file, { highWaterMark: REHASH_READ_BYTES }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) hash.update(chunk);
    },
  );
  return hash;
}
