import type { ListOptions, WaitOptions } from '../../oci/target';
import type { EcrHost } from '../../targets/registry/providers/amazonEcrHost';

/** Which ECR API is called, and with whose credentials: those of a profile, else those that AWS's tools would find. */
export interface AwsAccess extends Omit<EcrHost, 'region'> {
  /** Where it is missing, that of the profile or of the environment counts. */
  readonly region?: string;
  readonly profile?: string;
}

/** A password for a registry. `authorizationToken` is the base64 form of `user:password`. */
export interface EcrToken {
  readonly authorizationToken: string;
  readonly expiresAtMs?: number;
}

/** A repository as the API names it; `uri` is the form in references, without a tag. */
export interface EcrRepository {
  readonly name: string;
  readonly uri: string;
}

/**
 * One ECR API with credentials that were found. Errors are those of the AWS SDK, as its code is a bundle of its own:
 * `awsFailure` turns them into ours.
 */
export interface AwsSession {
  /** The keys it signs with, for keeping them out of messages: a server may repeat what it was sent. */
  readonly secrets: readonly string[];
  authorizationToken(options?: WaitOptions): Promise<EcrToken>;
  /** Asks for a page when its first entry is wanted. `last` has no meaning here. */
  repositories(options?: ListOptions): AsyncIterable<EcrRepository>;
  createRepository(name: string, options?: WaitOptions): Promise<void>;
  /** Removes it with all that is in it. */
  removeRepository(name: string, options?: WaitOptions): Promise<void>;
  /** The names under which public.ecr.aws has the account; none of a private registry. */
  aliases(options?: WaitOptions): Promise<readonly string[]>;
}

/** AWS's side, as far as this extension uses it. */
export interface Aws {
  /** Undefined when there are no AWS credentials at all. Errors: those of the AWS SDK. */
  open(access: AwsAccess): Promise<AwsSession | undefined>;
  /** Profile names of the two files that AWS's tools share (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE). */
  profiles(): Promise<readonly string[]>;
}
