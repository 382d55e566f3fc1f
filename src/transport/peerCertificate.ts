import https from 'node:https';
import type { TLSSocket } from 'node:tls';
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
    const finish = (socket: TLSSocket | undefined) => {
      alarm.cancel();
      signal.removeEventListener('abort', abort);
      resolve(detailsOf(socket));
      request.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    request.on('error', abort);
    request.once('socket', (socket) => whenSecure(socket as TLSSocket, finish));
  });
}

function handshakeOnly(options: ConnectionOptions): ConnectionOptions {
  const { hostname, port, servername } = options;
  return {
    ...(hostname && { hostname }),
    ...(port && { port }),
    ...(servername !== undefined && { servername }),
    method: 'HEAD',
    rejectUnauthorized: false,
  };
}

/** A proxy that refuses the tunnel leaves a plain socket, which has no certificate. */
function whenSecure(socket: TLSSocket, finish: (socket?: TLSSocket) => void): void {
  if (!socket.encrypted || socket.getPeerX509Certificate()) finish(socket);
  else socket.once('secureConnect', () => finish(socket));
}

function detailsOf(socket: TLSSocket | undefined): CertificateDetails | undefined {
  const certificate = socket?.encrypted ? socket.getPeerX509Certificate() : undefined;
  return certificate && certificateDetails(certificate);
}
