/**
 * An answer of GetAuthorizationToken. `text` is `user:password`.
 * Source: AWS, "GetAuthorizationToken" in the API references of Amazon ECR and of Amazon ECR Public.
 */
export function documentedToken(
  text: string,
  expiresAtMs: number,
  visibility: 'private' | 'public' = 'private',
): { body: string } {
  const authorizationToken = Buffer.from(text).toString('base64');
  const data = { authorizationToken, expiresAt: expiresAtMs / 1000 };
  const proxyEndpoint = 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const authorizationData = visibility === 'public' ? data : [{ ...data, proxyEndpoint }];
  return { body: JSON.stringify({ authorizationData }) };
}
