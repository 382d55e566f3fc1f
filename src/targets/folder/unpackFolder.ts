import { mkdir } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { annotationKeys } from '../../oci/annotations';
import { contentHash } from '../../oci/contentHash';
import { algorithmOf, digestProblem, type Digest } from '../../oci/digest';
import { ContentMismatchError, InvalidContentError, LinkStepsError, UnsafePathError } from '../../oci/errors';
import type { PullFile, TransferOptions } from '../../oci/target';
import { decompressed } from './decompressed';
import { onDisk } from './fileError';
import { FolderExtractor, type UnpackedFolder } from './folderExtractor';
import { readTar } from './tarReader';
import { ExpansionLimit, type UnpackLimits } from './unpackLimits';

/** A packed folder to unpack: its content becomes that of the new folder `folder`. */
export interface UnpackRequest {
  readonly file: PullFile;
  readonly folder: string;
  readonly limits: UnpackLimits;
  readonly platform: NodeJS.Platform;
}

/**
 * Unpacks a layer while it arrives. Compression is known by its first bytes, whatever the media type says; a plain tar passes.
 * When the content is bad, the rest is read first, so that wrong bytes are told as such rather than as a bad archive.
 * Errors: UnsafePathError, LinkStepsError, InvalidContentError, ContentMismatchError (layer or inner digest), UnsupportedError,
 * FileError.
 */
export async function unpackFolder(
  source: Readable,
  request: UnpackRequest,
  options: TransferOptions = {},
): Promise<UnpackedFolder> {
  try {
    return await unpack(source, request, options);
  } catch (error) {
    if (isAboutContent(error)) await requireIntact(source);
    throw error;
  }
}

async function unpack(
  source: Readable,
  request: UnpackRequest,
  options: TransferOptions,
): Promise<UnpackedFolder> {
  const { file, folder, platform, limits } = request;
  const { signal } = options;
  const inner = new InnerDigest(file);
  await onDisk(folder, () => mkdir(folder));
  const extractor = new FolderExtractor({
    root: folder,
    title: file.title,
    platform,
    limits,
    ...(signal && { signal }),
  });
  try {
    await extract(source, { ...request, inner, extractor }, options);
    await inner.verify();
    return await extractor.finish();
  } finally {
    inner.abandon();
    await extractor.settle();
  }
}

interface Extraction extends UnpackRequest {
  readonly inner: InnerDigest;
  readonly extractor: FolderExtractor;
}

async function extract(source: Readable, extraction: Extraction, options: TransferOptions): Promise<void> {
  const { file, limits, platform, inner, extractor } = extraction;
  const what = `The archive of "${file.title}"`;
  const expanded = decompressed(counted(source, options), what);
  const expansion = new ExpansionLimit(file.title, file.descriptor.size, limits);
  let entries = 0;
  for await (const entry of readTar(inner.tap(expansion.passed(expanded)), what, {
    platform,
    takesSparse: true,
  })) {
    options.signal?.throwIfAborted();
    if (++entries > limits.entries)
      throw new UnsafePathError(entry.path, `the archive has more than ${limits.entries} entries`);
    if (entry.sparse) expansion.add(entry.sparse.realBytes - entry.sizeBytes);
    await extractor.add(entry);
  }
}

/** The digest of the uncompressed tar that the layer's annotation promises. */
class InnerDigest {
  private readonly expected: Digest | undefined;
  private readonly hash;

  constructor(private readonly file: PullFile) {
    this.expected = promisedDigest(file);
    this.hash = this.expected && contentHash(algorithmOf(this.expected));
  }

  async *tap(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      this.hash?.update(chunk);
      await this.hash?.room();
      yield chunk;
    }
  }

  abandon(): void {
    this.hash?.abandon();
  }

  async verify(): Promise<void> {
    if (!this.expected || !this.hash) return;
    const actual = `${algorithmOf(this.expected)}:${await this.hash.digest()}`;
    if (actual !== this.expected)
      throw new ContentMismatchError(this.expected, actual, `the archive of "${this.file.title}"`);
  }
}

function promisedDigest({ title, descriptor }: PullFile): Digest | undefined {
  const text = descriptor.annotations?.[annotationKeys.contentDigest];
  if (text === undefined) return undefined;
  const problem = digestProblem(text);
  if (!problem) return text as Digest;
  throw new InvalidContentError(`The annotation ${annotationKeys.contentDigest} of "${title}"`, problem);
}

/** Leaves the source open when reading stops early, for `requireIntact`. */
async function* counted(source: Readable, { onBytes, signal }: TransferOptions): AsyncGenerator<Buffer> {
  const chunks = source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    onBytes?.(chunk.length);
    yield chunk;
  }
}

function isAboutContent(error: unknown): boolean {
  return (
    error instanceof InvalidContentError ||
    error instanceof UnsafePathError ||
    error instanceof LinkStepsError ||
    error instanceof ContentMismatchError
  );
}

/** Errors: ContentMismatchError when the layer's bytes are not what its descriptor promised; no other. */
async function requireIntact(source: Readable): Promise<void> {
  try {
    const chunks = source[Symbol.asyncIterator]();
    while (!(await chunks.next()).done);
  } catch (error) {
    if (error instanceof ContentMismatchError) throw error;
  }
}
