import type { X509Certificate } from 'node:crypto';
import https from 'node:https';
import tls, { type TLSSocket } from 'node:tls';
import { certificateDetails, type CertificateDetails } from '../oci/certificate';
import type { Clock } from './clock';
import type { ConnectionOptions } from './connections';

const MAX_WAIT_MS = 5_000;

/** What the certificate of a host is asked with. `options` are those of the request that failed. */
export interface PeerCertificateQuery {
  readonly url: URL;
  readonly options: ConnectionOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Shakes hands with a host whose certificate was refused, on the way that the request went, and reads the certificate.
 * Nothing else is sent: the request is opened and never written, and no client certificate is shown. Undefined when
 * the host gives none within 5 seconds.
 */
export function readPeerCertificate(query: PeerCertificateQuery): Promise<CertificateDetails | undefined> {
  const { url, options, clock, signal } = query;
  return new Promise((resolve) => {
    const request = https.request(url, handshakeOnly(options));
    const alarm = clock.alarm(MAX_WAIT_MS, () => finish(undefined));
    const abort = () => finish(undefined);
    const finish = (certificate: X509Certificate | undefined) => {
      alarm.cancel();
      signal.removeEventListener('abort', abort);
      resolve(certificate && certificateDetails(certificate));
      request.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    request.on('error', abort);
    request.once('socket', (socket) => whenSecure(socket as TLSSocket, finish));
  });
}

/**
 * A session that goes on has no certificate to show, so none is taken up; and a version said aloud, the same as else,
 * keeps the request from a connection that is open already.
 */
function handshakeOnly(options: ConnectionOptions): ConnectionOptions {
  const { hostname, port, servername } = options;
  return {
    ...(hostname && { hostname }),
    ...(port && { port }),
    ...(servername !== undefined && { servername }),
    method: 'HEAD',
    rejectUnauthorized: false,
    session: undefined,
    minVersion: tls.DEFAULT_MIN_VERSION,
  };
}

/** A proxy that refuses the tunnel leaves a plain socket. Asked once: Node takes the certificate out of the socket. */
function whenSecure(socket: TLSSocket, finish: (certificate?: X509Certificate) => void): void {
  const certificate = socket.encrypted ? socket.getPeerX509Certificate() : undefined;
  if (certificate || !socket.encrypted) finish(certificate);
  else socket.once('secureConnect', () => finish(socket.getPeerX509Certificate()));
}
