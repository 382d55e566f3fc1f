import { SignInRequiredError } from '../oci/errors';
import type { TransferOptions } from '../oci/target';
import type { SignInQuestions } from './signInQuestions';
import type { Transport, TransportRequest } from './transport';

/**
 * A transport for one operation that a person waits for: a request that was refused is sent again once the person
 * signed in again, so that the operation goes on from where it was. After a no, and after a second refusal, the refusal
 * is the error. `during` says what goes on, e.g. `Pushing host/name:tag`.
 */
export function withSignInAgain(inner: Transport, questions: SignInQuestions, during: string): Transport {
  const operation = new AskingOperation(inner, questions, during);
  return {
    send: (request, options) => operation.send(request, options),
    forget: (host) => inner.forget(host),
    tokenServer: (host) => inner.tokenServer(host),
  };
}

class AskingOperation {
  /** Refusals that are final; they pass through here again when a request made another one on its way. */
  private readonly final = new WeakSet<Error>();
  private declined = false;

  constructor(
    private readonly inner: Transport,
    private readonly questions: SignInQuestions,
    private readonly during: string,
  ) {}

  async send(request: TransportRequest, options: TransferOptions = {}) {
    const round = this.questions.round(request.host);
    const counted = new CountedBytes(options);
    try {
      return await this.inner.send(request, counted.options);
    } catch (error) {
      if (!(await this.maySendAgain(error, { request, round }, options))) throw error;
      counted.takeBack();
    }
    return this.sendLast(request, options);
  }

  private async sendLast(request: TransportRequest, options: TransferOptions) {
    try {
      return await this.inner.send(request, options);
    } catch (error) {
      if (error instanceof SignInRequiredError) this.final.add(error);
      throw error;
    }
  }

  private async maySendAgain(
    error: unknown,
    { request, round }: { readonly request: TransportRequest; readonly round: number },
    { signal }: TransferOptions,
  ): Promise<boolean> {
    if (!(error instanceof SignInRequiredError) || this.final.has(error)) return false;
    const { refusable } = request;
    if (refusable === 'forbidden' ? error.status === 403 : refusable) return false;
    if (this.questions.round(request.host) > round) return true;
    const { during } = this;
    const signedIn =
      !this.declined && (await this.questions.answer({ error, during }, signal ? { signal } : {}));
    if (signedIn) return true;
    this.declined = true;
    this.final.add(error);
    return false;
  }
}

/** Counts what a try reports, to take it back when there is another. */
class CountedBytes {
  readonly options: TransferOptions;
  private movedBytes = 0;

  constructor(private readonly given: TransferOptions) {
    this.options = { ...given, ...(given.onBytes && { onBytes: (delta) => this.count(delta) }) };
  }

  takeBack(): void {
    if (this.movedBytes !== 0) this.given.onBytes?.(-this.movedBytes);
    this.movedBytes = 0;
  }

  private count(deltaBytes: number): void {
    this.movedBytes += deltaBytes;
    this.given.onBytes?.(deltaBytes);
  }
}
