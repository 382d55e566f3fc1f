import { asBlob, type Descriptor } from '../oci/descriptor';
import { mayBeElsewhere } from '../oci/foreignLayer';
import type { Reader, WaitOptions } from '../oci/target';
import { eachConcurrently } from './eachConcurrently';
import { embeddedContent } from './embeddedContent';

const CONCURRENCY = 5;

/** True for content that the source does not have and that is fetched from where its `urls` say. Errors: those of the source. */
export async function isElsewhere(
  source: Reader,
  descriptor: Descriptor,
  wait: WaitOptions,
): Promise<boolean> {
  if (!mayBeElsewhere(descriptor) || embeddedContent(descriptor)) return false;
  return !(await source.exists(asBlob(descriptor), wait));
}

/** Parts what can be had of a source from what is elsewhere. Errors: those of the source. */
export async function withoutElsewhere<T extends { readonly descriptor: Descriptor }>(
  source: Reader,
  files: readonly T[],
  wait: WaitOptions,
): Promise<{ readonly files: readonly T[]; readonly leftOut: readonly T[] }> {
  const suspects = files.filter(({ descriptor }) => mayBeElsewhere(descriptor));
  const jobs = { concurrency: CONCURRENCY, isSmall: () => true, ...wait };
  const found = await eachConcurrently(suspects, jobs, async (file, signal) =>
    (await isElsewhere(source, file.descriptor, { signal })) ? [file] : [],
  );
  const gone = new Set(found.flat());
  return { files: files.filter((file) => !gone.has(file)), leftOut: [...gone] };
}
