import type { Descriptor } from '../oci/descriptor';
import { InvalidContentError } from '../oci/errors';
import type { Digest } from '../oci/digest';
import type { ReferrerLister, WaitOptions } from '../oci/target';
import { waitOptions } from './waitOptions';

/** How many manifests may refer to one. */
const MAX_REFERRERS = 10_000;

/** `artifactType` narrows the list; `unread` as `ReferrersOptions` has it. */
export interface ReferrersOfOptions extends WaitOptions {
  readonly artifactType?: string;
  readonly unread?: Set<Digest>;
}

/** What refers to a manifest, each once and never itself. Errors: InvalidContentError for a list without end. */
export async function referrersOf(
  source: ReferrerLister,
  subject: { readonly digest: Digest },
  options: ReferrersOfOptions = {},
): Promise<readonly Descriptor[]> {
  const { artifactType, unread } = options;
  const found = new Map<Digest, Descriptor>();
  const list = source.referrers(subject, {
    ...waitOptions(options),
    ...(artifactType && { artifactType }),
    ...(unread && { unread }),
  });
  for await (const referrer of list) {
    if (referrer.digest !== subject.digest) found.set(referrer.digest, referrer);
    if (found.size > MAX_REFERRERS)
      throw new InvalidContentError(
        `The list of referrers of ${subject.digest}`,
        `it has more than ${MAX_REFERRERS} entries`,
      );
  }
  return [...found.values()];
}
