import { createPublicKey, createSign, createVerify, X509Certificate } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface Signer {
  readonly cert: string;
  readonly key: string;
}

export type Claims = Readonly<Record<string, unknown>>;

/** A JWT (RS256) with the certificate in its header, as docker-registry checks it. Spec: RFC 7519, RFC 7515 section 4.1.6. */
export function signJwt(claims: Claims, { cert, key }: Signer): string {
  const header = { typ: 'JWT', alg: 'RS256', x5c: [new X509Certificate(cert).raw.toString('base64')] };
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signature = createSign('RSA-SHA256').update(parts.join('.')).sign(key, 'base64url');
  return [...parts, signature].join('.');
}

/** The claims of a JWT that this signer signed; undefined for any other text. Times are not looked at. */
export function verifiedClaims(token: string, { cert }: Signer): Claims | undefined {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const check = createVerify('RSA-SHA256').update(`${header}.${claims}`);
  if (!check.verify(createPublicKey(cert), signature, 'base64url')) return undefined;
  return JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Claims;
}
