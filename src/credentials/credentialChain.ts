import { accountOf, type Credential, type CredentialQuery } from '../oci/credential';
import { messageOf } from '../oci/errors';
import type { WaitOptions } from '../oci/target';
import type { CredentialExplanation, SourceReport, SourceStep } from './credentialExplanation';
import type {
  CredentialLocations,
  CredentialLocator,
  CredentialSource,
  CredentialSourceId,
  CredentialStore,
  FoundCredential,
} from './credentialStore';
import { endOfToken } from '../oci/jwtClaims';

/** What the user decides. Both are read at each lookup. */
export interface CredentialChoices {
  /** The sources to ask, in this order; one that is not named is not asked. All, as they are given, when left out. */
  readonly order?: () => readonly CredentialSourceId[];
  /** The account to use for a host, where the user chose one. */
  readonly accountFor?: (host: string) => string | undefined;
}

/** What one source answered a lookup. */
interface Answer {
  readonly source: CredentialSource;
  readonly found?: FoundCredential;
  /** Its token says that it has ended, as one does that `az acr login` left hours ago. */
  readonly hasEnded?: boolean;
  readonly failure?: Error;
}

/** A lookup: the answers in the order of asking, up to the one that is used. */
interface Lookup {
  readonly answers: readonly Answer[];
  readonly used?: Answer;
}

/**
 * Several sources asked in order, one that is chosen for the host first: the first that holds a credential gives it. A
 * chosen account comes before the order: the first source that holds a credential of that account, and when none does,
 * the first of any account. A token that has ended is used only when there is nothing else.
 */
export class CredentialChain implements CredentialLocator {
  constructor(
    private readonly sources: readonly CredentialSource[],
    private readonly choices: CredentialChoices = {},
    private readonly nowMs: () => number = Date.now,
  ) {}

  get stores(): readonly CredentialStore[] {
    return this.sources.filter(isStore);
  }

  /** Errors: that of the first broken source, when none of the others holds a credential. */
  async credentialFor(host: string, query?: CredentialQuery): Promise<Credential | undefined> {
    const { answers, used } = await this.lookUp(host, query);
    if (!used) throwFirst(answers.flatMap(({ failure }) => failure ?? []));
    return used?.found?.credential;
  }

  async explain(host: string, query?: CredentialQuery): Promise<CredentialExplanation> {
    const chosenAccount = this.choices.accountFor?.(host);
    const lookup = await this.lookUp(host, query);
    const asked = this.ordered(host);
    const off = this.sources.filter((source) => !asked.includes(source));
    const steps = [...asked, ...off].map((source): SourceStep => {
      const report = asked.includes(source)
        ? reportOf(source, lookup)
        : ({ outcome: 'switchedOff' } as const);
      const { id, label, location } = source;
      return { id, label, ...(location !== undefined && { location }), report };
    });
    return {
      host,
      ...(query?.repository !== undefined && { repository: query.repository }),
      ...(chosenAccount !== undefined && { chosenAccount }),
      steps,
    };
  }

  async locate(host: string, options?: WaitOptions): Promise<CredentialLocations> {
    const failures: Error[] = [];
    const holding: CredentialStore[] = [];
    for (const store of this.stores) {
      if (await collecting(failures, () => store.get(host, options), options)) holding.push(store);
    }
    return { holding, failures };
  }

  /** A broken store does not keep the others from removing; its error comes when all were tried. */
  async removeEverywhere(host: string, options?: WaitOptions): Promise<readonly CredentialStore[]> {
    const failures: Error[] = [];
    const removed: CredentialStore[] = [];
    for (const store of this.stores) {
      if (await collecting(failures, () => store.remove(host, options), options)) removed.push(store);
    }
    throwFirst(failures);
    return removed;
  }

  private ordered(host: string): readonly CredentialSource[] {
    const order = this.choices.order?.() ?? this.sources.map(({ id }) => id);
    const named = [...new Set(order)].flatMap((id) => this.sources.filter((source) => source.id === id));
    const isChosen = (source: CredentialSource) => source.isChosen?.(host) ?? false;
    return [...named.filter(isChosen), ...named.filter((source) => !isChosen(source))];
  }

  private async lookUp(host: string, query: CredentialQuery | undefined): Promise<Lookup> {
    const account = query?.account ?? this.choices.accountFor?.(host);
    const answers: Answer[] = [];
    for (const source of this.ordered(host)) {
      const answer = this.judged(
        await ask(source, host, { ...query, ...(account !== undefined && { account }) }),
      );
      answers.push(answer);
      if (isGood(answer) && (account === undefined || accountIn(answer) === account)) {
        return { answers, used: answer };
      }
    }
    const any = answers.find(isGood) ?? answers.find(({ found }) => found);
    return { answers, ...(any && { used: any }) };
  }

  private judged(answer: Answer): Answer {
    const credential = answer.found?.credential;
    if (!credential || credential.kind === 'basic') return answer;
    return { ...answer, hasEnded: (endOfToken(credential.token) ?? Infinity) <= this.nowMs() };
  }
}

function isGood({ found, hasEnded }: Answer): boolean {
  return found !== undefined && !hasEnded;
}

function accountIn({ found }: Answer): string | undefined {
  return found && accountOf(found.credential);
}

async function ask(source: CredentialSource, host: string, query: CredentialQuery): Promise<Answer> {
  const failures: Error[] = [];
  const found = await collecting(failures, () => find(source, host, query), query);
  const [failure] = failures;
  return { source, ...(found && { found }), ...(failure && { failure }) };
}

async function find(
  source: CredentialSource,
  host: string,
  query: CredentialQuery,
): Promise<FoundCredential | undefined> {
  if (source.find) return source.find(host, query);
  const credential = await source.get(host, query);
  return credential && { credential, place: source.label };
}

function reportOf(source: CredentialSource, { answers, used }: Lookup): SourceReport {
  const answer = answers.find((candidate) => candidate.source === source);
  if (!answer) return { outcome: 'notAsked' };
  if (answer.failure) return { outcome: 'failed', reason: messageOf(answer.failure) };
  if (!answer.found) return { outcome: 'nothing' };
  const { credential, place } = answer.found;
  const outcome = answer === used ? 'used' : answer.hasEnded ? 'ended' : 'otherAccount';
  return { outcome, account: accountOf(credential), place };
}

function isStore(source: CredentialSource): source is CredentialStore {
  return 'set' in source && 'remove' in source;
}

async function collecting<T>(
  failures: Error[],
  work: () => Promise<T>,
  options: WaitOptions | undefined,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    options?.signal?.throwIfAborted();
    failures.push(error instanceof Error ? error : new Error(String(error)));
    return undefined;
  }
}

function throwFirst([first]: readonly Error[]): void {
  if (first) throw first;
}
