import { isDigest, digestProblem, type Digest } from '../oci/digest';
import type { OciLayout } from '../targets/layout/ociLayout';
import type { Repositories } from './repositories';
import { SpecError } from './specError';
import type { Uploads } from './uploads';

/** What the answers are made from. */
export interface Storage {
  readonly repositories: Repositories;
  readonly uploads: Uploads;
}

/** The repository of this name. Errors: SpecError, 404. */
export async function existingRepository({ repositories }: Storage, name: string): Promise<OciLayout> {
  const layout = await repositories.find(name);
  if (!layout) throw new SpecError(404, 'NAME_UNKNOWN', `There is no repository "${name}".`);
  return layout;
}

/** A digest that a client sent. Errors: SpecError, 400. */
export function checkedDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new SpecError(400, 'DIGEST_INVALID', `The digest cannot be used: ${digestProblem(text) ?? ''}.`);
}
