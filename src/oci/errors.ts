import { boundedMessage, quoted, worded } from './boundedText';
import { certificateSentence, type CertificateDetails } from './certificate';
import type { Digest } from './digest';

/**
 * Base of every error this extension raises on purpose. `code` is stable and names the class of failure; `message`
 * is a whole sentence for a person and never holds a secret; `cause` keeps what was caught. A message has at most 4,000
 * characters, and what it quotes 1,000 each, whoever chose that: classes build theirs with `worded`.
 */
export abstract class OciError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(boundedMessage(message), options);
    this.name = new.target.name;
  }
}

/** A reference that does not follow the grammar. `part` is what to look at: registry, repository, tag, digest. */
export class InvalidReferenceError extends OciError {
  readonly code = 'INVALID_REFERENCE';

  constructor(
    readonly reference: string,
    readonly part: 'registry' | 'repository' | 'tag' | 'digest' | 'reference',
    readonly reason: string,
  ) {
    super(worded`"${reference}" is not a valid reference: ${reason}.`);
  }
}

/** Content that is not what a descriptor promised: another digest, another size. `where` names the source. */
export class ContentMismatchError extends OciError {
  readonly code = 'CONTENT_MISMATCH';

  constructor(
    readonly expected: string,
    readonly actual: string,
    readonly where: string,
  ) {
    super(
      worded`The content from ${where} is not what was asked for: expected ${expected}, got ${actual}. Nothing was kept.`,
    );
  }
}

/** A document that cannot be used: not JSON, not a manifest, larger than the cap, a media type that contradicts it. */
export class InvalidContentError extends OciError {
  readonly code = 'INVALID_CONTENT';

  constructor(
    readonly what: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(worded`${what} cannot be used: ${reason}.`, options);
  }
}

/**
 * A reason that a registry gave, in bounded texts: an entry of its error list. `code` and `message` are empty where it
 * gave none; `detail` adds to the message. Spec: distribution-spec v1.1.1, "Error Codes".
 */
export interface RegistryErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
}

/** An answer that was not a success. `url` is redacted, `body` is what the registry says without a list of reasons. */
export interface RegistryFailure {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly details: readonly RegistryErrorDetail[];
  readonly body: string;
}

/** A registry refused a request or failed on it. */
export class RegistryError extends OciError {
  readonly code: string = 'REGISTRY';

  constructor(
    readonly failure: RegistryFailure,
    message?: string,
  ) {
    super(message ?? describeFailure(failure));
  }

  get status(): number {
    return this.failure.status;
  }
}

/** Something that was asked for by name is not in the registry (404). */
export class NotFoundError extends RegistryError {
  override readonly code = 'NOT_FOUND';

  constructor(
    readonly what: string,
    failure: RegistryFailure,
  ) {
    super(failure, `${quoted(what)} was not found. ${describeFailure(failure)}`);
  }
}

/** 401 or 403 after everything known was tried: the user has to sign in, or lacks the right. */
export class SignInRequiredError extends RegistryError {
  override readonly code = 'SIGN_IN_REQUIRED';

  constructor(
    readonly host: string,
    /** True when credentials were sent and refused; false when there were none. */
    readonly credentialsSent: boolean,
    failure: RegistryFailure,
  ) {
    super(failure, signInMessage(host, credentialsSent, failure));
  }
}

const CERTIFICATE_CODES =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA)/;

/**
 * No answer from a host. `causeCode` is Node's code (ECONNREFUSED, ENOTFOUND, DEPTH_ZERO_SELF_SIGNED_CERT ...), or
 * PROXY_REFUSED. `certificate` is what the host showed, where that is why and it could be had.
 */
export class NetworkError extends OciError {
  readonly code = 'NETWORK';
  readonly certificate: CertificateDetails | undefined;

  constructor(
    readonly host: string,
    readonly causeCode: string,
    readonly reason: string,
    {
      certificate,
      ...options
    }: ErrorOptions & { readonly certificate?: CertificateDetails | undefined } = {},
  ) {
    const shown = certificate ? ` ${certificateSentence(certificate)}` : '';
    super(worded`Cannot reach ${host}: ${reason} (${causeCode}).` + shown, options);
    this.certificate = certificate;
  }

  /** True when the host's certificate was not accepted. */
  get isAboutCertificate(): boolean {
    return CERTIFICATE_CODES.test(this.causeCode);
  }
}

/** Others changed the same thing at the same time and won each try. `what` is a sentence without its end. */
export class ConflictError extends OciError {
  readonly code = 'CONFLICT';

  constructor(what: string) {
    super(worded`${what}. Try again when they are done.`);
  }
}

/** A manifest that is stored, and that the list of its subject's referrers does not name. `cause` is why. */
export class NotListedError extends OciError {
  readonly code = 'NOT_LISTED';

  /** `reason` ends as a sentence. */
  constructor(
    reason: string,
    override readonly cause: OciError,
  ) {
    super(worded`Attached, but not listed: ${reason}`, { cause });
  }
}

/** A registry or target that lacks an ability, e.g. listing or deleting. */
export class UnsupportedError extends OciError {
  readonly code = 'UNSUPPORTED';

  constructor(
    readonly ability: string,
    readonly where: string,
    options?: ErrorOptions,
  ) {
    super(worded`${where} does not support ${ability}.`, options);
  }
}

/** A title or archive entry whose path would leave its folder, or could be written through a link. */
export class UnsafePathError extends OciError {
  readonly code = 'UNSAFE_PATH';

  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(worded`"${path}" was refused: ${reason}. Nothing was written.`);
  }
}

/** Links that lead over links so often that following them is given up. `where` names the archive or folder. */
export class LinkStepsError extends OciError {
  readonly code = 'LINK_STEPS';

  constructor(
    readonly where: string,
    readonly mostSteps: number,
  ) {
    super(
      worded`Following the links of ${where} takes more than ${mostSteps} steps: they lead over each other too often.`,
    );
  }
}

/** A local file or folder that could not be read or written. `systemCode` is Node's (ENOSPC, EACCES, CHANGED ...). */
export class FileError extends OciError {
  readonly code = 'FILE';

  constructor(
    readonly path: string,
    readonly systemCode: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(worded`"${path}": ${reason} (${systemCode}).`, options);
  }
}

/** A place in a text file: its absolute path; line and column start at 1, columns count UTF-16 units. */
export interface TextPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A definition in a workspace's file that cannot be used, and where in the file that is. */
export class DefinitionError extends OciError {
  readonly code = 'DEFINITION';

  constructor(
    readonly place: TextPlace,
    /** A sentence without its end. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(worded`${place.file}, line ${place.line}, column ${place.column}: ${reason}.`, options);
  }
}

/** A credential store (docker config, helper, secret storage) that could not be read or written. */
export class CredentialStoreError extends OciError {
  readonly code = 'CREDENTIAL_STORE';

  constructor(
    readonly store: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(worded`${store}: ${reason}.`, options);
  }
}

/** A failure while content moved between two targets: which side, and during which step. */
export class CopyError extends OciError {
  readonly code = 'COPY';

  constructor(
    readonly side: 'source' | 'destination',
    readonly step: string,
    readonly digest: Digest,
    override readonly cause: Error,
  ) {
    super(worded`${step} (${digest}) failed at the ${side}: ` + messageOf(cause), { cause });
  }
}

/** The message of anything thrown; one that is not ours is a text of elsewhere. */
export function messageOf(error: unknown): string {
  if (error instanceof OciError) return error.message;
  return quoted(boundedMessage(error instanceof Error ? error.message : String(error)));
}

/** True for the platform's abort reason, which is never wrapped and never shown as a failure. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'CancellationError');
}

function describeFailure({ method, url, status, details, body }: RegistryFailure): string {
  const said = details.map(reasonWords).join('; ') || body.trim();
  return worded`${method} ${url} answered ${status}` + (said ? ` (${quoted(said)}).` : '.');
}

function reasonWords({ code, message, detail = '' }: RegistryErrorDetail): string {
  return [code, message, detail].filter(Boolean).join(': ');
}

function signInMessage(host: string, sent: boolean, failure: RegistryFailure): string {
  const did =
    failure.status === 403 ? 'denied access' : sent ? 'refused the credentials' : 'asks you to sign in';
  return `${quoted(host)} ${did}. ${describeFailure(failure)}`;
}
