import type { Credential, CredentialProvider, CredentialQuery } from '../../oci/credential';
import { CredentialStoreError, SignInRequiredError, type RegistryFailure } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { untilAborted } from '../../oci/untilAborted';
import type { Clock } from '../clock';
import { namesOf } from '../dockerHub';
import type { Outgoing, Send } from '../outgoing';
import { isOwnOrigin } from '../ownOrigin';
import { discard } from '../readCapped';
import { readFailure } from '../registryFailure';
import type { Access, TransportResponse } from '../transport';
import type { Challenge } from './challenge';
import { basicAuthorization, fetchToken } from './fetchToken';
import { acceptedRealm, realmUrl } from './realm';
import { isBare, isRefused, usableChallenge } from './refusal';
import { isRoot, RootChallenge } from './rootChallenge';
import { mergeScopes, splitScopes } from './scope';
import { TokenCache } from './tokenCache';

export interface AuthorizerOptions {
  readonly credentials: CredentialProvider;
  readonly clock: Clock;
  /** Sends to token servers: with retries, with redirects within their origin, without sign-in. */
  readonly sendToTokenServer: Send;
  /** Gets why a credential could not be looked up; what goes on meanwhile is anonymous. */
  readonly onCredentialFailure: (host: string, error: CredentialStoreError) => void;
}

/** A credential helper is a process: its answer is used again for this long, until a refusal or `forget`. */
const CREDENTIAL_LIFETIME_MS = 5 * 60_000;

/** What one request is sent with. `forgetIt` drops what it rests on, for when it was refused. */
interface Grant {
  readonly access: Access;
  /** Why it is without a credential that there may be. */
  readonly failure?: CredentialStoreError;
  readonly authorization?: string;
  readonly forgetIt: () => void;
}

/** What the lookup gave: a credential, nothing, or why it failed. */
interface Lookup {
  readonly value?: Credential;
  readonly failure?: CredentialStoreError;
}

interface KnownCredential extends Lookup {
  readonly staleAtMs: number;
}

/** What is known about a registry since it first asked who is there. */
interface Memory {
  readonly origin: string;
  readonly tokens: TokenCache;
  challenge?: Challenge;
  readonly root: RootChallenge;
  /** By repository; the empty name is for what is asked of the registry as a whole. */
  readonly credentials: Map<string, KnownCredential>;
  /** Scopes that the registry named beyond those of the request, by the request's. */
  readonly wider: Map<string, readonly string[]>;
}

/** A request with its way down and the wait for its answer. */
interface Round {
  readonly next: Send;
  readonly outgoing: Outgoing;
  readonly wait: WaitOptions;
}

const NOTHING: Grant = { access: 'open', forgetIt: () => undefined };

/**
 * Answers challenges. The first request to a registry goes without credentials; what was learned is used from then on.
 * It asks `/v2/` for its challenge before a list, a "not found" or a "denied" counts, where a credential is stored.
 * Credentials go to the registry's own origin and to the token server it names, nowhere else.
 */
export class Authorizer {
  private readonly memories = new Map<string, Memory>();

  constructor(private readonly options: AuthorizerOptions) {}

  layer(next: Send): Send {
    return (outgoing, wait) =>
      outgoing.ownSignIn ? next(outgoing, wait) : this.send({ next, outgoing, wait });
  }

  /** Drops all that is remembered about a registry host, or about every one, credentials included. */
  forget(host?: string): void {
    if (host === undefined) this.memories.clear();
    else for (const name of namesOf(host)) this.memories.delete(name);
  }

  /** The token server that a registry named last; undefined where it is refused. */
  tokenServer(host: string): URL | undefined {
    const memory = this.memories.get(host);
    if (memory?.challenge?.scheme !== 'bearer') return undefined;
    return acceptedRealm(memory.challenge.parameters['realm'], new URL(memory.origin));
  }

  private async send(round: Round): Promise<TransportResponse> {
    const { outgoing } = round;
    if (!isOwnOrigin(outgoing.url, outgoing.origin)) return this.ask(round, NOTHING);
    const memory = this.memoryOf(outgoing);
    if (outgoing.list) await this.learnStored(memory, round);
    return this.ask(round, await this.grant(memory, outgoing, round.wait));
  }

  private async ask(round: Round, grant: Grant): Promise<TransportResponse> {
    const { next, outgoing, wait } = round;
    const response = await next(withGrant(outgoing, grant), wait);
    const stored = await this.storedBehind(round, response, grant);
    if (stored?.authorization !== undefined) {
      discard(response);
      return this.ask(round, stored);
    }
    if (!isRefused(response, outgoing)) return { ...response, access: grant.access };
    const failure = await readFailure(response, outgoing.method);
    const challenge = usableChallenge(response);
    if (!challenge || (response.status === 403 && grant.access === 'credentials')) {
      throw refusalOf(outgoing, stored ?? grant, failure);
    }
    const memory = this.memoryOf(outgoing);
    grant.forgetIt();
    this.learn(memory, challenge, outgoing);
    const better = await this.grant(memory, outgoing, wait);
    // What was just refused is not sent a second time: that is how accounts get locked.
    if (better.authorization === grant.authorization) throw refusalOf(outgoing, better, failure);
    return this.askLast(round, better);
  }

  private async askLast({ next, outgoing, wait }: Round, grant: Grant): Promise<TransportResponse> {
    const response = await next(withGrant(outgoing, grant), wait);
    if (!isRefused(response, outgoing)) return { ...response, access: grant.access };
    grant.forgetIt();
    throw refusalOf(outgoing, grant, await readFailure(response, outgoing.method));
  }

  /** The sign-in that strangers' "not found" or "denied" says nothing about; undefined where the answer counts. */
  private async storedBehind(
    round: Round,
    response: TransportResponse,
    { access }: Grant,
  ): Promise<Grant | undefined> {
    const { outgoing, wait } = round;
    if (access !== 'open' || outgoing.once || !isBare(response, outgoing) || isRoot(outgoing))
      return undefined;
    const memory = this.memoryOf(outgoing);
    const { failure } = await this.learnStored(memory, round);
    return failure ? { ...NOTHING, failure } : this.grant(memory, outgoing, wait);
  }

  /** Learns how to sign in where there is a credential to sign in with. */
  private async learnStored(memory: Memory, { next, outgoing, wait }: Round): Promise<Lookup> {
    if (memory.challenge || memory.root.isOpen) return {};
    const stored = await this.credentialFor(memory, outgoing, wait);
    const challenge = stored.value && (await memory.root.learn(next, outgoing, wait));
    if (challenge) memory.challenge ??= challenge;
    return stored;
  }

  private memoryOf({ endpoint, origin }: Outgoing): Memory {
    const known = this.memories.get(endpoint.host);
    if (known?.origin === origin.origin) return known;
    const memory: Memory = {
      origin: origin.origin,
      tokens: new TokenCache(this.options.clock),
      root: new RootChallenge(),
      credentials: new Map(),
      wider: new Map(),
    };
    this.memories.set(endpoint.host, memory);
    return memory;
  }

  private learn(memory: Memory, challenge: Challenge, { scopes }: Outgoing): void {
    memory.challenge = challenge;
    const named = splitScopes(challenge.parameters['scope']);
    if (named.length > 0) memory.wider.set(mergeScopes(scopes).join(' '), named);
  }

  private async grant(memory: Memory, outgoing: Outgoing, wait: WaitOptions): Promise<Grant> {
    if (!memory.challenge) return NOTHING;
    const { value: credential, failure } = await this.credentialFor(memory, outgoing, wait);
    const forgetCredential = () => memory.credentials.delete(placeOf(outgoing));
    const failed = failure ? { failure } : {};
    if (memory.challenge.scheme === 'bearer') {
      const grant = this.bearer(memory, { outgoing, credential }, wait);
      return { ...(await grant.catch(orItsReason(failure))), ...failed };
    }
    if (credential?.kind !== 'basic') return { ...NOTHING, ...failed, forgetIt: forgetCredential };
    return {
      access: 'credentials',
      authorization: basicAuthorization(credential),
      forgetIt: forgetCredential,
    };
  }

  private async bearer(
    memory: Memory,
    { outgoing, credential }: { outgoing: Outgoing; credential: Credential | undefined },
    wait: WaitOptions,
  ): Promise<Grant> {
    const access = credential ? 'credentials' : 'anonymous';
    const forgetCredential = () => memory.credentials.delete(placeOf(outgoing));
    if (credential?.kind === 'registryToken') {
      return { access, authorization: `Bearer ${credential.token}`, forgetIt: forgetCredential };
    }
    const { realm, service } = memory.challenge?.parameters ?? {};
    const hints = mergeScopes(outgoing.scopes);
    const scopes = mergeScopes([...hints, ...(memory.wider.get(hints.join(' ')) ?? [])]);
    const request = {
      realm: realmUrl(realm, outgoing.origin),
      scopes,
      for: outgoing,
      ...(service !== undefined && { service }),
      ...(credential && { credential }),
    };
    const key = [accountOf(credential), request.realm.href, service ?? '', ...scopes].join('\n');
    const text = await untilAborted(this.obtain(memory, key, request), wait.signal);
    const forgetIt = () => {
      memory.tokens.drop(key, text);
      forgetCredential();
    };
    return { access, authorization: `Bearer ${text}`, forgetIt };
  }

  /** Shared by all who wait for it, so that the abort of one does not end it for the others. */
  private async obtain(
    memory: Memory,
    key: string,
    request: Parameters<typeof fetchToken>[1],
  ): Promise<string> {
    try {
      return await memory.tokens.obtain(key, () => fetchToken(this.options.sendToTokenServer, request));
    } catch (error) {
      if (error instanceof SignInRequiredError) memory.credentials.delete(placeOf(request.for));
      throw error;
    }
  }

  private async credentialFor(memory: Memory, outgoing: Outgoing, wait: WaitOptions): Promise<Lookup> {
    const { endpoint, repository } = outgoing;
    const nowMs = this.options.clock.now();
    const known = memory.credentials.get(placeOf(outgoing));
    if (known && known.staleAtMs > nowMs) return known;
    const query = { ...wait, ...(repository !== undefined && { repository }) };
    const found = await this.lookUp(endpoint.host, query);
    memory.credentials.set(placeOf(outgoing), { ...found, staleAtMs: nowMs + CREDENTIAL_LIFETIME_MS });
    return found;
  }

  /** A store that is broken, often one for all registries, does not keep from what is open to all. */
  private async lookUp(host: string, query: CredentialQuery): Promise<Lookup> {
    try {
      const value = await this.options.credentials.credentialFor(host, query);
      return value ? { value } : {};
    } catch (error) {
      query.signal?.throwIfAborted();
      if (!(error instanceof CredentialStoreError)) throw error;
      this.options.onCredentialFailure(host, error);
      return { failure: error };
    }
  }
}

/** The key of `credentials` in the memory of a registry. */
function placeOf({ repository = '' }: Outgoing): string {
  return repository;
}

function withGrant(outgoing: Outgoing, { authorization }: Grant): Outgoing {
  if (authorization === undefined) return outgoing;
  return { ...outgoing, headers: { ...outgoing.headers, Authorization: authorization } };
}

/** Where a credential could not be looked up, that is what to say: there may be a sign-in. */
function refusalOf({ endpoint }: Outgoing, { access, failure: reason }: Grant, failure: RegistryFailure) {
  return reason ?? new SignInRequiredError(endpoint.host, access === 'credentials', failure);
}

function orItsReason(reason: CredentialStoreError | undefined) {
  return (error: unknown): never => {
    throw reason && error instanceof SignInRequiredError ? reason : error;
  };
}

function accountOf(credential: Credential | undefined): string {
  if (!credential) return '';
  return `${credential.kind} ${credential.kind === 'registryToken' ? '' : (credential.username ?? '')}`;
}
