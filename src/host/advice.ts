import { boundedMessage, worded } from '../oci/boundedText';
import {
  CredentialStoreError,
  FileError,
  InvalidContentError,
  InvalidReferenceError,
  NetworkError,
  NotFoundError,
  NotListedError,
  RegistryError,
  SignInRequiredError,
  UnsupportedError,
  messageOf,
} from '../oci/errors';
import { refusalAdvice } from './refusalAdvice';
import { capitalized } from './sentence';

/** What a person can do next about an error. */
export type NextStep =
  | 'signIn'
  | 'retry'
  | 'usePlainHttp'
  | 'skipVerification'
  | 'chooseCaFile'
  | 'chooseCaFileAgain'
  | 'chooseClientCertificate'
  | 'chooseClientCertificateAgain'
  | 'addRepository'
  | 'openSettings'
  | 'showLog';

/** An error in words for a person: a short line, the whole message, and the steps that fit, best first. */
export interface Advice {
  readonly summary: string;
  readonly detail: string;
  readonly steps: readonly NextStep[];
}

const CLIENT_CERTIFICATE_CODES = /_ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_\w+)$/;
const NOT_TLS_CODES =
  /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST)/;

/** What to do where a registry lacks an ability, by the ability's name. */
const INSTEAD: Readonly<Record<string, string>> = {
  'removing a tag alone':
    'Nothing was removed. Push something else to the tag to move it, or use "Delete…", which takes the manifest and every tag on it.',
  'deleting repositories':
    'Nothing was deleted. "Delete…" on each tag removes what is in it; who runs the registry can remove the name.',
};

/**
 * Explains an error and names the next steps, in bounded texts. Never shows a secret: messages of our errors hold none.
 */
export function adviceFor(error: unknown): Advice {
  const { summary, detail, steps } = adviceOn(error, messageOf(error));
  return { summary: boundedMessage(summary), detail: boundedMessage(detail), steps };
}

function adviceOn(error: unknown, detail: string): Advice {
  if (error instanceof NotListedError) return { ...adviceFor(error.cause), summary: detail, detail };
  if (error instanceof SignInRequiredError) return signInAdvice(error, detail);
  if (error instanceof NetworkError) return networkAdvice(error, detail);
  if (error instanceof NotFoundError)
    return { summary: worded`${error.what} was not found`, detail, steps: ['retry', 'showLog'] };
  const refusal = error instanceof RegistryError ? refusalAdvice(error) : undefined;
  if (refusal) return refusal;
  if (error instanceof InvalidReferenceError) return { summary: detail, detail, steps: [] };
  if (error instanceof CredentialStoreError)
    return { summary: detail, detail, steps: ['retry', 'signIn', 'showLog'] };
  if (error instanceof InvalidContentError && error.what.startsWith('The setting '))
    return { summary: detail, detail, steps: ['openSettings', 'retry'] };
  if (error instanceof FileError) return fileAdvice(error, detail);
  if (error instanceof UnsupportedError && INSTEAD[error.ability]) {
    return { summary: detail, detail: `${detail} ${INSTEAD[error.ability]}`, steps: ['showLog'] };
  }
  if (isUnsupportedListing(error)) {
    return {
      summary: 'This registry does not list its repositories',
      detail,
      steps: ['addRepository', 'signIn'],
    };
  }
  return { summary: detail, detail, steps: ['retry', 'showLog'] };
}

const PEM_STEPS: Readonly<Record<string, NextStep>> = {
  'the CA file': 'chooseCaFileAgain',
  'the client certificate': 'chooseClientCertificateAgain',
  'the client key': 'chooseClientCertificateAgain',
};

/** A file that settings name for a connection may be another one on this machine; see `PemPurpose`. */
function fileAdvice({ reason, systemCode, path }: FileError, detail: string): Advice {
  const [purpose, step] = Object.entries(PEM_STEPS).find(([words]) => reason.startsWith(words)) ?? [];
  if (!purpose || !step) return { summary: detail, detail, steps: ['retry', 'showLog'] };
  const isMissing = systemCode === 'ENOENT' || systemCode === 'ENOTDIR';
  const summary = isMissing ? `${capitalized(purpose.slice('the '.length))} is missing: ${path}` : detail;
  return { summary, detail, steps: [step, 'retry', 'showLog'] };
}

function signInAdvice(error: SignInRequiredError, detail: string): Advice {
  const denied = error.status === 403 || error.credentialsSent;
  const summary = denied ? worded`${error.host} denied access` : worded`Sign in to ${error.host}`;
  return { summary, detail, steps: ['signIn', 'retry', 'showLog'] };
}

function networkAdvice(error: NetworkError, detail: string): Advice {
  const { host, causeCode } = error;
  if (error.isAboutCertificate) {
    return {
      summary: worded`The certificate of ${host} is not trusted (${causeCode})`,
      detail,
      steps: ['chooseCaFile', 'skipVerification', 'retry'],
    };
  }
  if (CLIENT_CERTIFICATE_CODES.test(causeCode)) {
    return {
      summary: worded`${host} asks for another client certificate (${causeCode})`,
      detail,
      steps: ['chooseClientCertificate', 'retry', 'showLog'],
    };
  }
  if (NOT_TLS_CODES.test(causeCode)) {
    return {
      summary: worded`${host} does not speak HTTPS (${causeCode})`,
      detail,
      steps: ['usePlainHttp', 'retry'],
    };
  }
  return { summary: worded`Cannot reach ${host} (${causeCode})`, detail, steps: ['retry', 'showLog'] };
}

function isUnsupportedListing(error: unknown): boolean {
  return error instanceof Error && 'ability' in error && error.ability === 'listing repositories';
}
