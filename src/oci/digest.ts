import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { contentHash, type ContentHash } from './contentHash';
import { ContentMismatchError } from './errors';

/** `alg:hex`, lower case. Spec: image-spec v1.1.1 descriptor.md, "Digests". */
export type Digest = `${string}:${string}`;

const HEX_LENGTH: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };
const GRAMMAR = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

/** True for a digest whose algorithm is known here (sha256, sha512) and whose hex has that algorithm's length. */
export function isDigest(text: string): text is Digest {
  return digestProblem(text) === undefined;
}

/** Why `text` is not a usable digest, as the end of a sentence; undefined when it is one. */
export function digestProblem(text: string): string | undefined {
  if (!GRAMMAR.test(text)) return 'a digest has the form algorithm:hex';
  const [algorithm = '', hex = ''] = text.split(':');
  const length = HEX_LENGTH[algorithm];
  if (length === undefined) return `digest algorithm "${algorithm}" is not known (sha256 and sha512 are)`;
  if (!/^[a-f0-9]+$/.test(hex)) return 'a digest is written in lower-case hex';
  if (hex.length !== length) return `a ${algorithm} digest has ${length} hex digits, this one ${hex.length}`;
  return undefined;
}

/** The algorithm's name: the part before the colon. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}

/** The hex part. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** The digest of bytes in memory. */
export function digestOf(content: Uint8Array | string, algorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}

/** The first characters of a digest's hex, as people write them: `sha256:44136fa355b3` becomes `44136fa355b3`. */
export function shortDigest(digest: Digest): string {
  return hexOf(digest).slice(0, 12);
}

/** Throws unless `content` has this size and digest. Errors: ContentMismatchError. */
export function verifyBytes(
  content: Uint8Array,
  expected: { digest: Digest; size: number },
  where: string,
): void {
  if (content.length !== expected.size) throw sizeMismatch(expected, content.length, where);
  const actual = digestOf(content, algorithmOf(expected.digest));
  if (actual !== expected.digest) throw new ContentMismatchError(expected.digest, actual, where);
}

/** Adds up bytes as they come by, for where they came from. Errors: ContentMismatchError. */
export class ContentCheck {
  private readonly hash: ContentHash;
  private seenBytes = 0;

  constructor(
    private readonly expected: { readonly digest: Digest; readonly size: number },
    private readonly where: string,
  ) {
    this.hash = contentHash(algorithmOf(expected.digest), expected.size);
  }

  /** Refuses more than `size` bytes at once, so that a server cannot send without end. */
  add(chunk: Uint8Array): void {
    this.seenBytes += chunk.length;
    if (this.seenBytes > this.expected.size) throw sizeMismatch(this.expected, this.seenBytes, this.where);
    this.hash.update(chunk);
  }

  /** Undefined while more may come; else what resolves when it may. */
  room(): Promise<void> | undefined {
    return this.hash.room();
  }

  /** Everything came by: fails unless it was exactly `size` bytes with this digest. */
  async finish(): Promise<void> {
    const { digest, size } = this.expected;
    if (this.seenBytes !== size) throw sizeMismatch(this.expected, this.seenBytes, this.where);
    const actual: Digest = `${algorithmOf(digest)}:${await this.hash.digest()}`;
    if (actual !== digest) throw new ContentMismatchError(digest, actual, this.where);
  }

  /** Nobody wants to know any more. Safe to call at any time. */
  abandon(): void {
    this.hash.abandon();
  }
}

/** Passes bytes through a ContentCheck. Errors: ContentMismatchError, as the stream's error. */
export class VerifyingStream extends Transform {
  private readonly check: ContentCheck;

  constructor(expected: { readonly digest: Digest; readonly size: number }, where: string) {
    super({ highWaterMark: 1024 * 1024 });
    this.check = new ContentCheck(expected, where);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.check.add(chunk);
    } catch (error) {
      return done(error as Error);
    }
    const room = this.check.room();
    if (room) void room.then(() => done(null, chunk));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.check.finish().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.check.abandon();
    done(error);
  }
}

function sizeMismatch(expected: { digest: Digest; size: number }, sizeBytes: number, where: string) {
  const more = sizeBytes > expected.size ? 'at least ' : '';
  return new ContentMismatchError(
    `${expected.digest} with ${expected.size} bytes`,
    `${more}${sizeBytes} bytes`,
    where,
  );
}
