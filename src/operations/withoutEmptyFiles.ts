import { canGiveUnread } from '../oci/abilities';
import type { Descriptor } from '../oci/descriptor';
import { InvalidContentError } from '../oci/errors';
import type {
  FileSource,
  LocalFile,
  TransferOptions,
  UnreadFile,
  UnreadSource,
  WaitOptions,
} from '../oci/target';

/**
 * Files for a registry (`host`) that refuses blobs without bytes: an empty file is an error when it is read, which is
 * before anything is sent. A folder is never empty once it is packed. Errors: InvalidContentError naming the file.
 */
export class WithoutEmptyFiles implements FileSource, UnreadSource {
  constructor(
    private readonly source: FileSource,
    private readonly host: string,
  ) {}

  async add(file: LocalFile, options?: TransferOptions): Promise<Descriptor> {
    const descriptor = await this.source.add(file, options);
    if (descriptor.size > 0) return descriptor;
    throw new InvalidContentError(
      `The file "${file.title}"`,
      `it is empty, and ${this.host} takes no layers without content; leave it out, or put a line into it`,
    );
  }

  measure(file: LocalFile, options?: WaitOptions): Promise<number> {
    return this.source.measure(file, options);
  }

  async unread(file: LocalFile, options?: WaitOptions): Promise<UnreadFile | undefined> {
    return canGiveUnread(this.source) ? this.source.unread(file, options) : undefined;
  }

  content(descriptor: Descriptor): ReturnType<FileSource['content']> {
    return this.source.content(descriptor);
  }
}
