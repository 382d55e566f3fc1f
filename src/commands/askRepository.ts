import { pickOrType } from '../host/pickOrType';
import { targetOf } from '../host/rowTarget';
import { sentence } from '../host/sentence';
import { InvalidReferenceError, messageOf } from '../oci/errors';
import { isLayoutHost } from '../oci/layoutPlace';
import { parsePlace } from '../oci/place';
import type { Reference } from '../oci/reference';
import { corrected } from './corrected';
import type { Services } from './services';

/** The repository of the row, or one that is typed, begun with the row's registry. */
export async function askRepository(
  { settings }: Services,
  row: unknown,
  title: string,
): Promise<Reference | undefined> {
  const target = targetOf(row);
  if (target?.repository) return { registry: target.host, repository: target.repository };
  const suggestions = settings.registries.flatMap(({ host, repositories = [] }) => [
    { value: `${host}/`, description: 'registry', icon: 'server', fill: true },
    ...repositories.map((name) => ({ value: `${host}/${name}`, description: 'repository', icon: 'repo' })),
  ]);
  const text = await pickOrType({
    title,
    placeholder: 'registry/repository or layout:/folder',
    ...(target && !isLayoutHost(target.host) && { value: `${target.host}/` }),
    suggestions,
    problem: repositoryReferenceProblem,
    correction: (typed) => corrected(typed, repositoryReferenceProblem),
  });
  return text === undefined ? undefined : parsePlace(text);
}

function repositoryReferenceProblem(text: string): string | undefined {
  try {
    const { tag, digest } = parsePlace(text);
    return tag || digest ? 'A whole repository is meant: leave out the tag and the digest.' : undefined;
  } catch (error) {
    return error instanceof InvalidReferenceError ? sentence(error.reason) : messageOf(error);
  }
}
