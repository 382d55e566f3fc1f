/** An account of VS Code's Microsoft sign-in, by the names that VS Code gives it. */
export interface MicrosoftAccount {
  readonly id: string;
  /** The user's name, an e-mail address mostly. */
  readonly label: string;
}

export interface MicrosoftSession {
  /** A secret. */
  readonly accessToken: string;
  readonly account: MicrosoftAccount;
}

export interface SessionRequest {
  readonly provider: string;
  readonly scopes: readonly string[];
  /** Which one, where there are several; without it VS Code asks, unless `silent`. */
  readonly account?: MicrosoftAccount;
  /** Never asks the user. */
  readonly silent: boolean;
  readonly signal?: AbortSignal;
}

/** VS Code's Microsoft sign-in. Resolves with undefined when there is no session, or the user backed out. */
export type OpenMicrosoftSession = (request: SessionRequest) => Promise<MicrosoftSession | undefined>;
