import { messageOf, NetworkError } from '../oci/errors';
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
};

/** What went wrong between here and a host, by Node's code. What node-fetch said is the cause, its URLs redacted. */
export function networkFailure(host: string, error: unknown): NetworkError {
  const code = codeOf(error);
  const said = redactUrlsIn(messageOf(error));
  const reason = REASONS[code] ?? (code.startsWith('HPE_') ? 'its answer is not HTTP' : said);
  return new NetworkError(host, code, reason, { cause: new Error(said) });
}

/** A host that stayed silent for too long. `waitedMs` is the span that was allowed. */
export function silence(host: string, waitedMs: number): NetworkError {
  return new NetworkError(host, 'ETIMEDOUT', `nothing came for ${Math.round(waitedMs / 1000)} seconds`);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
