import type { Digest } from '../../oci/digest';

const MIB = 1024 * 1024;
/**
 * From this size on an upload that is cut is continued. It starts as one body all the same: chunks cost a registry of
 * docker's kind a flush of its disk each, a quarter of the time.
 */
const CONTINUABLE_BYTES = 32 * MIB;
/** The first to be tried where a whole blob was too large. */
const CHUNK_BYTES = 64 * MIB;
/** A server that takes less than this at once is not asked further. */
const MIN_CHUNK_BYTES = 256 * 1024;

/** What an upload is of: one content for one repository, `host/name`. */
export interface UploadKey {
  readonly repository: string;
  readonly sizeBytes: number;
  readonly digest: Digest;
}

/**
 * Uploads that were begun, by what they are of. A place can hold a registry's own secrets, so that it goes nowhere but
 * to disk and back to its registry.
 */
export interface UploadSessions {
  /** Where an upload goes on; it is not given to another until it is kept again. */
  take(key: UploadKey): Promise<string | undefined>;
  keep(key: UploadKey, location: string): Promise<void>;
  drop(key: UploadKey): Promise<void>;
  /** Whether one is kept that may be of a content of which the digest is not known yet. */
  mayKeep(key: Omit<UploadKey, 'digest'>): Promise<boolean>;
}

export interface UploadWaysOptions {
  /** The largest body that is sent, in bytes, where the user says so. */
  readonly limitBytes?: () => number | undefined;
  /** Without these, an upload that is cut starts again. */
  readonly sessions?: UploadSessions;
  /** From this size on an upload can be continued: 32 MiB by default. */
  readonly continuableBytes?: number;
}

/** How blobs are sent: whole or in chunks, by what the user says and by what each host turned out to take. */
export class UploadWays {
  private readonly limits = new Map<string, number>();
  private readonly refusing = new Set<string>();

  constructor(private readonly options: UploadWaysOptions = {}) {}

  get sessions(): UploadSessions | undefined {
    return this.options.sessions;
  }

  /** True where a body past the limit would be refused, or is not wanted. */
  isLimited(host: string): boolean {
    return this.limitOf(host) !== undefined;
  }

  /** The size of the chunks that a blob goes in; undefined for one body. */
  chunkBytesFor(host: string, sizeBytes: number): number | undefined {
    const limit = this.limitOf(host);
    if (limit !== undefined) return sizeBytes > limit ? limit : undefined;
    const { sessions, continuableBytes = CONTINUABLE_BYTES } = this.options;
    const isContinuable = sessions !== undefined && !this.refusing.has(host);
    return isContinuable && sizeBytes >= continuableBytes ? sizeBytes : undefined;
  }

  /**
   * Whether content may be sent before its digest is known: in one body, and not where an upload of its size was kept, for
   * that is to be continued.
   */
  async mayBeginEarly({
    host,
    ...key
  }: Omit<UploadKey, 'digest'> & { readonly host: string }): Promise<boolean> {
    if (this.refusing.has(host) || key.sizeBytes > (this.limitOf(host) ?? Infinity)) return false;
    return !(await this.sessions?.mayKeep(key));
  }

  /** A body of this size was refused as too large (413): the next are smaller. False where there is nothing to try. */
  tooLarge(host: string, bodyBytes: number): boolean {
    if (bodyBytes <= MIN_CHUNK_BYTES) return false;
    const smaller = Math.max(MIN_CHUNK_BYTES, Math.min(CHUNK_BYTES, Math.floor(bodyBytes / 2)));
    this.limits.set(host, Math.min(smaller, this.limits.get(host) ?? Infinity));
    return true;
  }

  /** The host takes blobs as one body only. */
  refusesChunks(host: string): void {
    this.refusing.add(host);
  }

  private limitOf(host: string): number | undefined {
    const limit = Math.min(this.options.limitBytes?.() ?? Infinity, this.limits.get(host) ?? Infinity);
    return limit === Infinity ? undefined : limit;
  }
}
