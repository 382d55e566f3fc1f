import type { X509Certificate } from 'node:crypto';

/** What a server's certificate says of itself, as text that is safe to show. Nothing in it has been verified. */
export interface CertificateDetails {
  readonly subject: string;
  readonly issuer: string;
  /** `YYYY-MM-DD`, in UTC. */
  readonly validFrom: string;
  readonly validTo: string;
  /** The hosts it is for, e.g. `DNS:registry.example.com, IP Address:10.0.0.1`; empty when it names none. */
  readonly names: string;
  /** SHA-256, as `AB:CD:...`. */
  readonly fingerprint: string;
}

const MAX_SHOWN_LENGTH = 200;

/** Reads what is shown of a certificate. */
export function certificateDetails(certificate: X509Certificate): CertificateDetails {
  return {
    subject: shown(certificate.subject),
    issuer: shown(certificate.issuer),
    validFrom: dateOf(certificate.validFrom),
    validTo: dateOf(certificate.validTo),
    names: shown(certificate.subjectAltName),
    fingerprint: certificate.fingerprint256,
  };
}

/** The details as one sentence. */
export function certificateSentence(details: CertificateDetails): string {
  const { subject, issuer, validFrom, validTo, names, fingerprint } = details;
  const hosts = names && ` It is for ${names}.`;
  return `The certificate of "${subject}" was issued by "${issuer}" and is valid from ${validFrom} to ${validTo}.${hosts} SHA-256 fingerprint: ${fingerprint}.`;
}

function dateOf(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? shown(text) : date.toISOString().slice(0, 10);
}

/** The server chose this text: one line of visible characters, cut where it is long. */
function shown(text: string | undefined): string {
  const line = (text ?? '')
    .replace(/\n/g, ', ')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return line.length > MAX_SHOWN_LENGTH ? `${line.slice(0, MAX_SHOWN_LENGTH)}…` : line;
}
