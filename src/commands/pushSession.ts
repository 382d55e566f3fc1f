import type { Job } from '../host/progress';
import { rememberPush } from '../host/pastPushes';
import { showError } from '../host/showError';
import { parseDestination } from '../oci/destination';
import { orasPushCommand, type OrasCommand } from '../oci/orasCommand';
import type { DefinedPush } from '../oci/pushDefinition';
import { previewPush, type PushPreview } from '../operations/previewPush';
import type { PushResult } from '../operations/push';
import { newSource, pushFromSource, pushOptions } from './definedPush';
import { pushAndTell, showPushed } from './pushAndTell';
import type { DisposableFileSource, Services } from './services';

/** What a form shows of a push that is still to come; no command while the destination is missing. */
export interface SessionPreview extends PushPreview {
  readonly command?: OrasCommand;
}

/** What is pushed from a form. */
export interface SessionPush {
  readonly defined: DefinedPush;
  /** What to offer for pushing again. */
  readonly lasting: DefinedPush;
  readonly retry: () => unknown;
}

/** Previews and pushes of one form: files are read again only when they were touched. Call `dispose` when it closes. */
export class PushSession {
  private current: { readonly key: string; readonly source: DisposableFileSource } | undefined;
  private readonly running = new Set<Promise<unknown>>();
  private pushes = 0;

  constructor(private readonly services: Services) {}

  /** Errors: those of `previewPush`, and FileError and InvalidContentError for an annotation file. */
  preview(defined: DefinedPush, job: Job): Promise<SessionPreview> {
    return this.keepingSource(this.previewNow(defined, job));
  }

  /** Pushes behind a notification; a failure is shown, and thrown. Errors: those of `push`. */
  async push({ defined, lasting, retry }: SessionPush): Promise<PushResult> {
    const { to } = defined.definition;
    const { services } = this;
    await rememberPush(services.workspaceState, lasting);
    this.pushes++;
    try {
      const result = await this.keepingSource(this.pushNow(defined));
      void showPushed(services, to, result.descriptor);
      return result;
    } catch (error) {
      const host = parseDestination(to).registry;
      void showError(services.log, error, { what: `Push to ${to} failed`, host, retry });
      throw error;
    } finally {
      this.pushes--;
    }
  }

  dispose(): void {
    this.retire();
  }

  private async previewNow(defined: DefinedPush, job: Job): Promise<SessionPreview> {
    const source = this.sourceFor(defined);
    const options = await pushOptions(this.services, defined, job);
    const preview = await previewPush(source, { ...options, ...job });
    if (this.pushes === 0) await source.forgetExcept(preview.layers.map(({ digest }) => digest));
    const { definition } = defined;
    if (!isDestination(definition.to)) return preview;
    const { annotations = {} } = options;
    return { ...preview, command: orasPushCommand({ ...definition, annotations }) };
  }

  private pushNow(defined: DefinedPush): Promise<PushResult> {
    const source = this.sourceFor(defined);
    return pushAndTell(this.services, defined, (job) =>
      pushFromSource(this.services, { defined, source }, job),
    );
  }

  /** One source as long as what it is told about files stays the same. */
  private sourceFor(defined: DefinedPush): DisposableFileSource {
    const { ignoreFile, keepModes } = defined.definition;
    const key = JSON.stringify([ignoreFile, keepModes]);
    if (this.current?.key !== key) {
      this.retire();
      this.current = { key, source: newSource(this.services, defined, { reuse: true }) };
    }
    return this.current.source;
  }

  private async keepingSource<T>(work: Promise<T>): Promise<T> {
    this.running.add(work);
    try {
      return await work;
    } finally {
      this.running.delete(work);
    }
  }

  /** Temporary files go when nothing reads them any more. */
  private retire(): void {
    const source = this.current?.source;
    this.current = undefined;
    if (source) void Promise.allSettled(this.running).then(() => source.dispose());
  }
}

function isDestination(to: string): boolean {
  try {
    parseDestination(to);
    return true;
  } catch {
    return false;
  }
}
