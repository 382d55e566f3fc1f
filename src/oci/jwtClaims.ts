const MAX_TOKEN_LENGTH = 64 * 1024;

/**
 * What a token says of itself, unverified: good enough to know when it ends, never to trust it. Empty for a token
 * that is no JWT. Spec: RFC 7519; `exp` is in seconds.
 */
export function jwtClaims(token: string): Readonly<Record<string, unknown>> {
  const parts = token.length <= MAX_TOKEN_LENGTH ? token.split('.') : [];
  if (parts.length !== 3) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** When a token ends by its own word, in milliseconds since 1970; undefined when it does not say. */
export function endOfToken(token: string): number | undefined {
  const { exp } = jwtClaims(token);
  return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined;
}
