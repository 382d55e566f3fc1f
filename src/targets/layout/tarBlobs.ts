import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { algorithmOf, hexOf, type Digest } from '../../oci/digest';
import { InvalidContentError } from '../../oci/errors';
import { MAX_MANIFEST_BYTES } from '../../oci/manifest';
import type { WaitOptions } from '../../oci/target';
import type { SkippableSource } from '../folder/byteReader';
import { compressionOf, MAGIC_BYTES } from '../folder/compressionOf';
import { onDisk } from '../folder/fileError';
import { readTar } from '../folder/tarReader';
import type { StoredBlobs } from './layoutSource';

/** Where a file is in an archive, in bytes. */
interface Place {
  readonly offset: number;
  readonly sizeBytes: number;
}

const READ_BYTES = 64 * 1024;
const MAX_ENTRIES = 1_000_000;

/** The files of an uncompressed archive, found by its headers and read where they lie. */
export class TarBlobs implements StoredBlobs {
  private constructor(
    private readonly file: string,
    private readonly places: ReadonlyMap<string, Place>,
  ) {}

  /** Reads the headers and passes over the bodies. Errors: FileError, InvalidContentError. */
  static async open(file: string, { signal }: WaitOptions = {}): Promise<TarBlobs> {
    const handle = await onDisk(file, () => open(file));
    try {
      const { size } = await onDisk(file, () => handle.stat());
      await refuseCompressed(handle, file);
      const what = `The archive "${file}"`;
      const places = new Map<string, Place>();
      let entries = 0;
      for await (const entry of readTar(sourceOf(handle, size), what)) {
        signal?.throwIfAborted();
        if (++entries > MAX_ENTRIES)
          throw new InvalidContentError(what, `it has more than ${MAX_ENTRIES} entries`);
        if (entry.kind !== 'file') continue;
        places.set(cleanName(entry.path), { offset: entry.bodyOffset, sizeBytes: entry.sizeBytes });
      }
      return new TarBlobs(file, places);
    } finally {
      await handle.close();
    }
  }

  async sizeOf(digest: Digest): Promise<number | undefined> {
    return this.places.get(nameOf(digest))?.sizeBytes;
  }

  async stream(digest: Digest): Promise<Readable | undefined> {
    const place = this.places.get(nameOf(digest));
    return place && this.streamAt(place);
  }

  async readAll(digest: Digest): Promise<Buffer | undefined> {
    return this.readFile(nameOf(digest), MAX_MANIFEST_BYTES);
  }

  pathOf(digest: Digest): string {
    return `${nameOf(digest)} in "${this.file}"`;
  }

  /** A file whole; undefined when there is none. Errors: InvalidContentError when it is larger. */
  async readFile(name: string, maxBytes: number): Promise<Buffer | undefined> {
    const place = this.places.get(name);
    if (!place) return undefined;
    if (place.sizeBytes > maxBytes)
      throw new InvalidContentError(`${name} in "${this.file}"`, `it is larger than ${maxBytes} bytes`);
    return onDisk(this.file, () => buffer(this.streamAt(place)));
  }

  private streamAt({ offset, sizeBytes }: Place): Readable {
    if (sizeBytes === 0) return Readable.from([], { objectMode: false });
    const end = offset + sizeBytes - 1;
    return createReadStream(this.file, { start: offset, end, highWaterMark: 1024 * 1024 });
  }
}

/** Errors: InvalidContentError for an archive whose blobs have no place in the file. */
async function refuseCompressed(handle: FileHandle, file: string): Promise<void> {
  const { buffer: head } = await onDisk(file, () =>
    handle.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0),
  );
  const format = compressionOf(head);
  if (format === undefined) return;
  throw new InvalidContentError(
    `The archive "${file}"`,
    `it is compressed with ${format}, and only a plain tar can be read where it lies; decompress it first`,
  );
}

/** An open file as a source that jumps over what is not wanted. */
function sourceOf(file: FileHandle, sizeBytes: number): SkippableSource {
  let position = 0;
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (;;) {
      const { bytesRead, buffer: bytes } = await file.read(
        Buffer.allocUnsafe(READ_BYTES),
        0,
        READ_BYTES,
        position,
      );
      if (bytesRead === 0) return;
      position += bytesRead;
      yield bytes.subarray(0, bytesRead);
    }
  };
  return {
    [Symbol.asyncIterator]: chunks,
    skip: (bytes) => {
      position += bytes;
      return position <= sizeBytes;
    },
  };
}

function nameOf(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** Programs that archive a folder as `.` put `./` before each name. */
function cleanName(name: string): string {
  return name.replace(/^(?:\.\/+)+/, '');
}
