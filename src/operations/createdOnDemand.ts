import { canWriteEarly } from '../oci/abilities';
import type { Descriptor } from '../oci/descriptor';
import { NotFoundError } from '../oci/errors';
import type {
  ContentSource,
  EarlyUpload,
  EarlyWriter,
  ManifestContent,
  Mounter,
  Reader,
  StoreOptions,
  TransferOptions,
  UnreadFile,
  WaitOptions,
  Writer,
} from '../oci/target';
import { untilAborted } from '../oci/untilAborted';

/** Makes the repository; false when it is not to be made. */
export type CreateRepository = () => Promise<boolean>;

/** What a registry calls a repository that it does not have. Spec: distribution-spec v1.1.1, "Error Codes". */
const UNKNOWN_REPOSITORY = new Set(['NAME_UNKNOWN', 'REPOSITORY_UNKNOWN']);

/**
 * A destination whose repository may be missing where a push does not make one. The first write that is refused for
 * this calls `create`, once for all that are under way, and goes on. Errors: those of the target and of `create`.
 */
export class CreatedOnDemand implements Reader, Writer, EarlyWriter, Mounter {
  private created: Promise<boolean> | undefined;

  constructor(
    private readonly target: Reader & Writer & Mounter,
    private readonly create: CreateRepository,
  ) {}

  resolve(reference: string, options?: WaitOptions): Promise<Descriptor> {
    return this.target.resolve(reference, options);
  }

  readManifest(reference: string, options?: WaitOptions): Promise<ManifestContent> {
    return this.target.readManifest(reference, options);
  }

  exists(descriptor: Descriptor, options?: WaitOptions): Promise<boolean> {
    return this.target.exists(descriptor, options);
  }

  fetch(...args: Parameters<Reader['fetch']>): ReturnType<Reader['fetch']> {
    return this.target.fetch(...args);
  }

  push(
    descriptor: Descriptor,
    content: ContentSource,
    options: TransferOptions & StoreOptions = {},
  ): Promise<void> {
    return this.writing(() => this.target.push(descriptor, content, options), options);
  }

  async beginEarly(file: UnreadFile, options: TransferOptions = {}): Promise<EarlyUpload | undefined> {
    const { target } = this;
    return canWriteEarly(target) ? this.writing(() => target.beginEarly(file, options), options) : undefined;
  }

  tag(manifest: ManifestContent, tag: string, options: StoreOptions = {}): Promise<void> {
    return this.writing(() => this.target.tag(manifest, tag, options), options);
  }

  mount(descriptor: Descriptor, fromRepository: string, options: WaitOptions = {}): Promise<boolean> {
    return this.writing(() => this.target.mount(descriptor, fromRepository, options), options);
  }

  private async writing<T>(write: () => Promise<T>, { signal }: WaitOptions): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!isMissingRepository(error)) throw error;
      this.created ??= this.create();
      if (!(await untilAborted(this.created, signal))) throw error;
      return write();
    }
  }
}

function isMissingRepository(error: unknown): boolean {
  if (!(error instanceof NotFoundError)) return false;
  return error.failure.details.some(({ code }) => UNKNOWN_REPOSITORY.has(code));
}
