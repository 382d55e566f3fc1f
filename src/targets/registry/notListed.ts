import { NotListedError, OciError, RegistryError } from '../../oci/errors';
import type { Digest } from '../../oci/digest';
import { referrersTag, type RepositoryAddress } from './repositoryAddress';

/** How registries say that a rule keeps a tag: Amazon ECR answers 400, Harbor 412, others 403 or 409. */
const KEPT = /immutab|cannot be overwritten|can't be overwritten|already exists|operation is disallowed/i;

/**
 * The error for a manifest that was stored, and that the list of its subject's referrers does not name; an abort, and
 * what is no error of ours, as it stands.
 */
export function notListed(address: RepositoryAddress, subject: Digest, error: unknown): unknown {
  if (!(error instanceof OciError)) return error;
  const tag = address.describe(referrersTag(subject));
  const list = `the list of what refers to ${subject} is the tag ${tag}`;
  if (!isKept(error)) return new NotListedError(`${list}, and it was not written. ${error.message}`, error);
  const rule = `${list}, and a rule of the registry keeps that tag as it is. ${error.message}`;
  return new NotListedError(
    `${rule} Exclude tags that begin with "sha256-" from the rule, then try again.`,
    error,
  );
}

function isKept(error: OciError): boolean {
  if (!(error instanceof RegistryError)) return false;
  return error.status === 412 || KEPT.test(error.message);
}
