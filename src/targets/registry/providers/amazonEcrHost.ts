/** What an Amazon ECR host says about its registry. */
export interface EcrHost {
  readonly visibility: 'private' | 'public';
  /** AWS region whose API has the registry, e.g. `eu-west-1`. */
  readonly region: string;
  /** Twelve digits; a public registry's host does not tell. */
  readonly accountId?: string;
  readonly fips?: boolean;
  readonly dualStack?: boolean;
}

/** `<account>.dkr.ecr.<region>.amazonaws.com`, and with `dkr-ecr` and `on.aws` the form for IPv4 and IPv6. */
const PRIVATE =
  /^(?<accountId>\d{12})\.dkr(?:\.ecr|(?<dualStack>-ecr))(?<fips>-fips)?\.(?<region>[a-z0-9-]+)\.(?<domain>amazonaws\.(?:com|com\.cn|eu)|on\.(?:aws|amazonwebservices\.com\.cn))$/;

const PUBLIC = new Set(['public.ecr.aws', 'ecr-public.aws.com']);

/** The API for public registries is in this region alone. Source: AWS, "Amazon ECR Public endpoints and quotas". */
export const ECR_PUBLIC_REGION = 'us-east-1';

/**
 * The ECR registry behind a host; undefined for any other host.
 * Source: AWS, "Amazon ECR endpoints and quotas", "Making requests to Amazon ECR registries" (and its Public twin).
 */
export function ecrHostOf(host: string): EcrHost | undefined {
  const name = host.toLowerCase();
  if (PUBLIC.has(name)) return { visibility: 'public', region: ECR_PUBLIC_REGION };
  const { accountId, region, domain, dualStack, fips } = PRIVATE.exec(name)?.groups ?? {};
  if (accountId === undefined || region === undefined || domain === undefined) return undefined;
  if (domain.startsWith('on.') !== (dualStack !== undefined)) return undefined;
  return {
    visibility: 'private',
    region,
    accountId,
    ...(fips !== undefined && { fips: true }),
    ...(dualStack !== undefined && { dualStack: true }),
  };
}
