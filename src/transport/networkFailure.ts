import type { CertificateDetails } from '../oci/certificate';
import { NetworkError } from '../oci/errors';
import { redactUrlsIn } from './redactUrl';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut',
  ETIMEDOUT: 'it did not answer in time',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no network to it',
  EPROTO: 'it does not speak TLS as expected; it may be a plain HTTP registry',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; it may be a plain HTTP registry',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; it may be a plain HTTP registry',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an authority that is not trusted here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it asks for a client certificate',
};
const REFUSED_CLIENT_CERTIFICATE = /_ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_\w+)$/;
const PROXY_AUTHENTICATION_REQUIRED = 407;
/** What VS Code says, with the first proxy in PAC's words, e.g. `PROXY 10.0.0.1:3128`. */
const PROXY_UNREACHABLE = /^Failed to establish a socket connection to proxies: (?:[A-Z0-9]+ )?([^\s;]+)/;

/** What went wrong between here and a host, by Node's code; the cause is the original message without its secrets. */
export function networkFailure(host: string, error: unknown): NetworkError {
  const message = speakable(error instanceof Error ? error.message : String(error));
  const proxy = PROXY_UNREACHABLE.exec(message)?.[1];
  const cause = new Error(message);
  if (proxy !== undefined)
    return new NetworkError(host, 'PROXY_UNREACHABLE', `the proxy ${proxy} does not answer`, { cause });
  const code = codeOf(error);
  return new NetworkError(host, code, reasonOf(code) ?? message, { cause });
}

/** The same failure, with the certificate that it is about. */
export function withCertificate(failure: NetworkError, certificate: CertificateDetails): NetworkError {
  const { host, causeCode, reason, cause } = failure;
  return new NetworkError(host, causeCode, reason, { cause, certificate });
}

/** A proxy on the way that did not let a request through; `status` is its answer. */
export function proxyRefusal(host: string, status: number): NetworkError {
  const reason =
    status === PROXY_AUTHENTICATION_REQUIRED
      ? 'the proxy on the way asks for a user name and password, which belong into the address of the proxy, http://user:password@proxy'
      : `the proxy on the way refused with status ${status}`;
  return new NetworkError(host, 'PROXY_REFUSED', reason);
}

/** A host that stayed silent for too long. `waitedMs` is the span that was allowed. */
export function silence(host: string, waitedMs: number): NetworkError {
  return new NetworkError(host, 'ETIMEDOUT', `nothing came for ${Math.round(waitedMs / 1000)} seconds`);
}

/** A host that kept sending and did not come to an end. `waitedMs` is the span that was allowed. */
export function drip(host: string, waitedMs: number): NetworkError {
  const seconds = Math.round(waitedMs / 1000);
  return new NetworkError(host, 'ETIMEDOUT', `its answer was not complete after ${seconds} seconds`);
}

/** node-fetch puts the whole URL in front, which may sign an upload; a proxy's address may hold its password. */
function speakable(message: string): string {
  const said = message
    .replace(/^request to \S+ failed, reason: /, '')
    .replace(/(\s|\/\/)(?:[^\s/@]*:[^\s/@]*|<credentials>)@/g, '$1');
  return redactUrlsIn(said);
}

function reasonOf(code: string): string | undefined {
  if (REFUSED_CLIENT_CERTIFICATE.test(code) && !(code in REASONS)) return 'it refused the client certificate';
  return REASONS[code] ?? (code.startsWith('HPE_') ? 'its answer is not HTTP' : undefined);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
