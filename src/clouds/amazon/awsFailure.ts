import {
  CredentialStoreError,
  messageOf,
  NetworkError,
  NotFoundError,
  OciError,
  RegistryError,
  SignInRequiredError,
} from '../../oci/errors';
import type { AwsAccess } from './aws';

/** What was tried. `action` is as IAM names it, e.g. `ecr:CreateRepository`. */
export interface AwsCall {
  readonly host: string;
  readonly access: AwsAccess;
  readonly action: string;
  readonly repository?: string;
  /** What a server may repeat and nobody is to see. */
  readonly secrets?: readonly string[];
}

const MAX_MESSAGE_LENGTH = 300;

/** AWS says so of keys that are wrong or past their time. Source: AWS, "Common Error Types". */
const BAD_KEYS =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken(Exception)?|UnrecognizedClientException|InvalidSignatureException|InvalidClientTokenId|IncompleteSignature(Exception)?)$/;

/** The SDK makes sentences of what failed on the way to credentials; Node's code in them says that it was the network. */
const NETWORK_CODE = /\b(ENOTFOUND|EAI_AGAIN|ECONN[A-Z]+|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\b/;

/** How it speaks of single sign-on, or the portal of a session that it no longer knows. */
const SINGLE_SIGN_ON = /\bsso\b|\bUnauthorizedException\b/i;

/**
 * The error of this extension for one of the AWS SDK. The SDK's own is not kept as the cause: a message about a wrong
 * signature quotes the signed request, session token included.
 */
export function awsFailure(error: unknown, call: AwsCall): OciError {
  if (error instanceof OciError) return error;
  const message = firstLine(error, call.secrets);
  const name = error instanceof Error ? error.name : '';
  if (BAD_KEYS.test(name)) return badKeys(message, name, call);
  const status = statusOf(error);
  if (status === undefined) return noAnswer(error, message, call);
  const { host, access, action, repository } = call;
  const details = [{ code: name, message }];
  const url = access.region === undefined ? action : `${action} (${access.region})`;
  const failure = { method: 'POST', url, status, details, body: '' };
  if (name === 'RepositoryNotFoundException') {
    return new NotFoundError(`The repository ${host}/${repository ?? ''}`, failure);
  }
  return name === 'AccessDeniedException'
    ? new SignInRequiredError(host, true, failure)
    : new RegistryError(failure);
}

/** The profile in force, for people. */
export function profileName({ profile }: AwsAccess): string {
  return profile ?? process.env['AWS_PROFILE'] ?? 'default';
}

function badKeys(message: string, name: string, { access, host }: AwsCall): OciError {
  const store = `AWS profile "${profileName(access)}"`;
  const [code] = NETWORK_CODE.exec(message) ?? [];
  if (code !== undefined) return new NetworkError(`AWS's sign-in for ${host}`, code, withoutStop(message));
  if (SINGLE_SIGN_ON.test(message)) {
    const step = `run "aws sso login --profile ${profileName(access)}" in a terminal, then try again`;
    return new CredentialStoreError(store, `its single sign-on session has ended or is missing; ${step}`);
  }
  // The message would quote the command, which the user's configuration has.
  if (/^Command failed/.test(message))
    return new CredentialStoreError(store, 'its credential_process failed');
  if (/ProviderError$/.test(name)) return new CredentialStoreError(store, withoutStop(message));
  return new CredentialStoreError(store, `AWS refused its keys (${name}: ${withoutStop(message)})`);
}

function noAnswer(error: unknown, message: string, { host, access, action }: AwsCall): OciError {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  if (typeof code !== 'string' && name !== 'TimeoutError') {
    return new CredentialStoreError(
      `AWS profile "${profileName(access)}"`,
      `${action}: ${withoutStop(message)}`,
    );
  }
  const api = access.region === undefined ? 'the AWS API' : `the AWS API in ${access.region}`;
  return new NetworkError(
    `${api} for ${host}`,
    typeof code === 'string' ? code : 'ETIMEDOUT',
    withoutStop(message) || 'no answer',
  );
}

function statusOf(error: unknown): number | undefined {
  const { $metadata: metadata } = Object(error) as { $metadata?: { httpStatusCode?: number } };
  return metadata?.httpStatusCode;
}

function firstLine(error: unknown, secrets: readonly string[] = []): string {
  const line = messageOf(error).split('\n')[0] ?? '';
  const shown = secrets.reduce((text, secret) => text.replaceAll(secret, '(secret)'), line);
  return shown.slice(0, MAX_MESSAGE_LENGTH).trim();
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
