import type { SignInRequiredError } from '../oci/errors';
import type { WaitOptions } from '../oci/target';
import { untilAborted } from '../oci/untilAborted';

/** Who refused, and what waits for the answer, e.g. `Pushing host/name:tag`. */
export interface SignInQuestion {
  readonly error: SignInRequiredError;
  readonly during: string;
}

/**
 * Asks a person to sign in; true once a new sign-in is in place and the transport forgot the old one. The signal says
 * that nobody waits any more.
 */
export type AskToSignIn = (
  question: SignInQuestion,
  options: { readonly signal: AbortSignal },
) => Promise<boolean>;

interface OpenQuestion {
  readonly answer: Promise<boolean>;
  readonly stop: AbortController;
  waiting: number;
}

/** The questions that are open, one a host however many requests wait for its answer. */
export class SignInQuestions {
  private readonly open = new Map<string, OpenQuestion>();
  private readonly rounds = new Map<string, number>();

  constructor(private readonly ask: AskToSignIn) {}

  /** How often a person signed in to a host: a refusal from before the last time is answered already. */
  round(host: string): number {
    return this.rounds.get(host) ?? 0;
  }

  /** Whether somebody signed in. Joins the question that is open for the host. Errors: the abort reason, those of `ask`. */
  async answer(question: SignInQuestion, { signal }: WaitOptions): Promise<boolean> {
    const { host } = question.error;
    signal?.throwIfAborted();
    const open = this.open.get(host) ?? this.start(host, question);
    open.waiting++;
    try {
      return await untilAborted(open.answer, signal);
    } finally {
      if (--open.waiting === 0) this.end(host, open);
    }
  }

  private start(host: string, question: SignInQuestion): OpenQuestion {
    const stop = new AbortController();
    const answer = this.ask(question, { signal: stop.signal }).then((signedIn) => {
      if (signedIn) this.rounds.set(host, this.round(host) + 1);
      return signedIn;
    });
    const open = { answer, stop, waiting: 0 };
    this.open.set(host, open);
    return open;
  }

  private end(host: string, open: OpenQuestion): void {
    if (this.open.get(host) === open) this.open.delete(host);
    open.stop.abort();
  }
}
