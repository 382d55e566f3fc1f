import type { CredentialSource } from '../../credentials/credentialStore';
import type { Credential, CredentialQuery } from '../../oci/credential';
import { CredentialStoreError, messageOf } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { untilAborted } from '../../oci/untilAborted';
import type { Clock } from '../../transport/clock';
import type { AwsAccess, EcrToken } from './aws';
import { awsFailure } from './awsFailure';
import type { AwsSessions } from './awsSessions';

export interface AmazonEcrSourceOptions {
  readonly sessions: AwsSessions;
  readonly clock: Clock;
}

interface Kept {
  /** Undefined: there was none to be had. */
  readonly credential: Credential | undefined;
  readonly renewAtMs: number;
  readonly endsAtMs: number;
}

/** A password lasts 12 hours. Source: AWS, "GetAuthorizationToken". */
const LIFETIME_MS = 12 * 60 * 60_000;
/** So long before its end a password is renewed: far more than a client keeps one in use. */
const RENEW_BEFORE_END_MS = 60 * 60_000;
/** A public registry is open to all, so it is not an error that AWS gives nothing; nor is it asked each time. */
const NOT_AGAIN_FOR_MS = 5 * 60_000;

/**
 * Passwords of Amazon ECR from the user's AWS credentials, without asking: the profile that was chosen for a host, else
 * what AWS's tools would use (environment, AWS_PROFILE, single sign-on, process, web identity, metadata service).
 */
export class AmazonEcrSource implements CredentialSource {
  readonly id = 'amazonEcr';
  readonly label = 'AWS credentials';

  private readonly kept = new Map<string, Kept>();
  private readonly pending = new Map<string, Promise<Credential | undefined>>();

  constructor(private readonly options: AmazonEcrSourceOptions) {}

  /** True where the user chose a profile: an explicit choice comes before what lies in files. */
  isChosen(host: string): boolean {
    return this.options.sessions.accessFor(host)?.profile !== undefined;
  }

  async get(host: string, query: CredentialQuery = {}): Promise<Credential | undefined> {
    const access = this.options.sessions.accessFor(host);
    return access && untilAborted(this.obtain(host, access), query.signal);
  }

  /** A new credential by this profile, whatever was chosen. Errors: CredentialStoreError, also when it has no keys. */
  async withProfile(host: string, profile: string, options: WaitOptions = {}): Promise<Credential> {
    const access = this.options.sessions.accessFor(host);
    this.kept.delete(keyOf(host, profile));
    const credential =
      access && (await untilAborted(this.obtain(host, { ...access, profile }), options.signal));
    if (credential) return credential;
    throw new CredentialStoreError(`AWS profile "${profile}"`, `it gives no credentials for ${host}`);
  }

  /** Those who ask at the same time share one request. */
  private async obtain(host: string, access: AwsAccess): Promise<Credential | undefined> {
    const key = keyOf(host, access.profile);
    const kept = this.kept.get(key);
    if (kept && kept.renewAtMs > this.options.clock.now()) return kept.credential;
    const pending = this.pending.get(key) ?? this.start(key, () => this.renewed(host, access, kept));
    return pending;
  }

  private start(key: string, renew: () => Promise<Kept>): Promise<Credential | undefined> {
    const pending = renew()
      .then((kept) => {
        this.kept.set(key, kept);
        return kept.credential;
      })
      .finally(() => this.pending.delete(key));
    this.pending.set(key, pending);
    return pending;
  }

  private async renewed(host: string, access: AwsAccess, kept: Kept | undefined): Promise<Kept> {
    const nowMs = this.options.clock.now();
    try {
      return await this.fetch(host, access);
    } catch (error) {
      if (kept?.credential && kept.endsAtMs > nowMs) return kept;
      if (access.visibility === 'public' && access.profile === undefined)
        return nothing(nowMs + NOT_AGAIN_FOR_MS);
      throw storeError(error);
    }
  }

  private async fetch(host: string, access: AwsAccess): Promise<Kept> {
    const nowMs = this.options.clock.now();
    const session = await this.options.sessions.open(host, access);
    if (!session) return nothing(nowMs);
    const action = `${access.visibility === 'public' ? 'ecr-public' : 'ecr'}:GetAuthorizationToken`;
    const token = await session.authorizationToken().catch((error: unknown) => {
      throw awsFailure(error, { host, access, action, secrets: session.secrets });
    });
    const { expiresAtMs: endsAtMs = nowMs + LIFETIME_MS } = token;
    return { credential: credentialFrom(token), endsAtMs, renewAtMs: endsAtMs - RENEW_BEFORE_END_MS };
  }
}

function keyOf(host: string, profile = ''): string {
  return `${host}\n${profile}`;
}

function nothing(renewAtMs: number): Kept {
  return { credential: undefined, renewAtMs, endsAtMs: renewAtMs };
}

/** Errors: CredentialStoreError. */
function credentialFrom({ authorizationToken }: EcrToken): Credential {
  const [, username, password] =
    /^([^:]+):(.+)$/s.exec(Buffer.from(authorizationToken, 'base64').toString('utf8')) ?? [];
  if (username === undefined || password === undefined) {
    throw new CredentialStoreError('Amazon ECR', 'its authorization token is not a user name and a password');
  }
  return { kind: 'basic', username, password };
}

function storeError(error: unknown): CredentialStoreError {
  if (error instanceof CredentialStoreError) return error;
  return new CredentialStoreError('Amazon ECR', messageOf(error).replace(/\.$/, ''), { cause: error });
}
