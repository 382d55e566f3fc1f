import type { Readable } from 'node:stream';
import type { Annotations, Descriptor } from './descriptor';
import type { Digest } from './digest';

/** Given last to every function that waits. An abort rejects with `signal.reason`, unwrapped. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
}

/** For functions that move content. `onBytes` gets what moved since the last call, negative when a transfer restarts. */
export interface TransferOptions extends WaitOptions {
  readonly onBytes?: (deltaBytes: number) => void;
}

/**
 * For manifests: with `show`, one that was stored is read once, and brought back where the target only said that it has
 * it. Without, the answer is believed: for a manifest that the caller has read there.
 */
export interface StoreOptions extends WaitOptions {
  readonly show?: boolean;
}

/** For lists. `pageSize` is a wish to the server; `last` starts behind that name. */
export interface ListOptions extends WaitOptions {
  readonly pageSize?: number;
  readonly last?: string;
  /** Gets why a part of the list is left out, and the list continues with the next part; without it, the list fails. */
  readonly onMissing?: (error: unknown) => void;
}

/** Where content comes from. `open` can be called again for a retry; the caller consumes or destroys each stream. */
export interface ContentSource {
  /** All of it, where it is in memory in any case. */
  readonly bytes?: Uint8Array;
  open(options?: WaitOptions): Promise<Readable>;
}

/** A manifest's exact bytes with their descriptor; `digest` was computed from the bytes, never taken from a header. */
export interface ManifestContent {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** The ability to read content. Spec: distribution-spec v1.1.1, "Pull". */
export interface Reader {
  /** Tag or digest to descriptor. Errors: NotFoundError. */
  resolve(reference: string, options?: WaitOptions): Promise<Descriptor>;
  /** Tag or digest to a manifest's bytes (at most 4 MiB). Errors: NotFoundError, ContentMismatchError, InvalidContentError. */
  readManifest(reference: string, options?: WaitOptions): Promise<ManifestContent>;
  /** True for content that can be read there: that the target only says so does not count. */
  exists(descriptor: Descriptor, options?: WaitOptions): Promise<boolean>;
  /**
   * A stream that fails unless it carries exactly the descriptor's bytes, and by an abort. The caller consumes or
   * destroys it.
   */
  fetch(descriptor: Descriptor, options?: WaitOptions): Promise<Readable>;
}

/** The ability to tell, without a request, that a manifest is there with all below it. */
export interface WholeTeller {
  /** False also for an index that lacks one of its children. */
  isWhole(manifest: Descriptor, options?: WaitOptions): Promise<boolean>;
}

/** The ability to read the rest of a blob whose start is there already. */
export interface RangeReader {
  /**
   * The bytes of a blob from `firstByte` on, not checked: only who has those before it can check the whole. Undefined
   * where they are given from the start alone. The caller consumes or destroys the stream.
   */
  fetchFrom(descriptor: Descriptor, firstByte: number, options?: WaitOptions): Promise<Readable | undefined>;
}

/** The ability to tell a blob's size by its digest; its media type is not known, so it is octets. Errors: NotFoundError. */
export interface BlobResolver {
  resolveBlob(digest: Digest, options?: WaitOptions): Promise<Descriptor>;
}

/** The ability to write content. Children are pushed before parents. Spec: distribution-spec v1.1.1, "Push". */
export interface Writer {
  push(
    descriptor: Descriptor,
    content: ContentSource,
    options?: TransferOptions & StoreOptions,
  ): Promise<void>;
  /** Stores a manifest whose content is there under a tag. One that has a subject is pushed before, to be listed with it. */
  tag(manifest: ManifestContent, tag: string, options?: StoreOptions): Promise<void>;
}

/** The ability to write lists of referrers for many at once. */
export interface ReferrerSettler {
  /** What `work` pushes is listed at its end, and looked at once more then: not behind each push. */
  settling<T>(work: () => Promise<T>, options?: WaitOptions): Promise<T>;
  /** Lists what was pushed so far within `settling`. */
  listPushed(options?: WaitOptions): Promise<void>;
}

/** The ability to take a blob from a sibling repository without sending it; false when the server wants the bytes. */
export interface Mounter {
  mount(descriptor: Descriptor, fromRepository: string, options?: WaitOptions): Promise<boolean>;
}

/** A file as it was when it was looked at; its content fails with FileError when it changed since. */
export interface UnreadFile {
  readonly sizeBytes: number;
  readonly content: ContentSource;
}

/** The ability of a file source to give content that was not read for its digest yet. */
export interface UnreadSource {
  /** Undefined for a folder, which has to be packed first, and for what need not be read again. Errors: FileError. */
  unread(file: LocalFile, options?: WaitOptions): Promise<UnreadFile | undefined>;
}

/** The ability to take content before its digest is known. */
export interface EarlyWriter {
  /** Begins to send. Undefined where the content had better be pushed. Errors: as `Writer.push`. */
  beginEarly(file: UnreadFile, options?: TransferOptions): Promise<EarlyUpload | undefined>;
}

/** Content on its way to a destination that cannot know yet what it is of. `complete` or `cancel` ends it. */
export interface EarlyUpload {
  /** Resolves when no more is being sent, for whatever reason. */
  readonly settled: Promise<void>;
  /** Stores it under its digest, with what is missing; `content` is what would have been pushed. Errors: as `Writer.push`. */
  complete(descriptor: Descriptor, content: ContentSource, options?: WaitOptions): Promise<void>;
  /** Stops sending and lets the destination forget what came; none of it counts any more. */
  cancel(): Promise<void>;
}

/** Where a repository is, for what only works within one registry. `host` is `host[:port]`. */
export interface RepositoryPlace {
  readonly host: string;
  readonly name: string;
}

/** The ability to list the repositories of a registry. Errors: UnsupportedError where there is no catalog. */
export interface RepositoryLister {
  repositories(options?: ListOptions): AsyncIterable<string>;
}

/** The abilities to list within a repository, page by page: no request is made before its first entry is asked for. */
export interface TagLister {
  tags(options?: ListOptions): AsyncIterable<string>;
}

/** `artifactType` narrows the list; the registry or, where it does not, this client filters. */
export interface ReferrersOptions extends ListOptions {
  readonly artifactType?: string;
  /**
   * For a caller that reads each entry itself. Lists that clients keep may be out of date: without this their entries are
   * read first, with it they are given as they stand and added to it.
   */
  readonly unread?: Set<Digest>;
}

export interface ReferrerLister {
  referrers(subject: { readonly digest: Digest }, options?: ReferrersOptions): AsyncIterable<Descriptor>;
}

/** The ability to remove content. Removing a manifest takes every tag on it. Errors: UnsupportedError, NotFoundError. */
export interface Remover {
  remove(descriptor: Descriptor, options?: WaitOptions): Promise<void>;
}

/** The ability to remove one tag and leave the manifest. Errors: UnsupportedError, NotFoundError. */
export interface TagRemover {
  untag(tag: string, options?: WaitOptions): Promise<void>;
}

/** The ability to remove a repository with all that is in it. Errors: UnsupportedError, NotFoundError. */
export interface RepositoryRemover {
  removeRepository(name: string, options?: WaitOptions): Promise<void>;
}

/** The ability to make an empty repository, where a push does not. Errors: UnsupportedError. */
export interface RepositoryCreator {
  createRepository(name: string, options?: WaitOptions): Promise<void>;
}

/** A local file or folder to become a layer. `path` is absolute. */
export interface LocalFile {
  readonly path: string;
  /** `org.opencontainers.image.title`: relative, with `/`. */
  readonly title: string;
  readonly mediaType?: string;
  /** For the layer's descriptor; a title among them takes the place of `title`. */
  readonly annotations?: Annotations;
}

/** Local files and folders as content. A folder is packed as tar+gzip, the same bytes each time. */
export interface FileSource {
  /**
   * Reads a file once and returns its layer descriptor: title, and for folders the two unpack annotations.
   * Errors: FileError (missing, unreadable, not a file or folder).
   */
  add(file: LocalFile, options?: TransferOptions): Promise<Descriptor>;
  /** How many bytes `add` will read, by a look at the sizes only. Errors: FileError. */
  measure(file: LocalFile, options?: WaitOptions): Promise<number>;
  /** The content of a descriptor that `add` returned. Errors, in the stream: FileError when the file changed since. */
  content(descriptor: Descriptor): ContentSource;
}

/** One titled layer to be written below a folder. */
export interface PullFile {
  readonly title: string;
  readonly descriptor: Descriptor;
  /** True when the layer is a packed folder to be unpacked at `title`. */
  readonly unpack: boolean;
  /** Permissions to give to a file; the system's default without. */
  readonly mode?: number;
}

/** `openFrom` is that of a `RangeReader`, for the layer that is staged. */
export interface StageOptions extends TransferOptions {
  readonly openFrom?: (firstByte: number) => Promise<Readable | undefined>;
}

/** What to do with files that exist at their final path already. */
export type ConflictPolicy = 'overwrite' | 'keep';

/** A local folder that pulled files are written to: each appears whole under its name or not at all. */
export interface FileSink {
  /** Titles that exist already. Errors: UnsafePathError for a title that leaves the folder. */
  conflicts(files: readonly PullFile[], options?: WaitOptions): Promise<readonly string[]>;
  /**
   * Downloads land in a hidden place inside the folder. `open` gives the verified stream of the layer; what an earlier
   * try left of it is verified here.
   */
  stage(file: PullFile, open: () => Promise<Readable>, options?: StageOptions): Promise<void>;
  /** Moves all that was staged to its final paths; returns the paths written, relative with `/`. No move is cancelled. */
  commit(policy: ConflictPolicy, options?: WaitOptions): Promise<readonly string[]>;
  /** Takes what was staged and not committed out of the folder; leaves no trace there. Safe to call twice. */
  discard(): Promise<void>;
}
