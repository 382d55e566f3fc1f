import { pickOrType } from '../host/pickOrType';
import { sentence } from '../host/sentence';
import { targetOf } from '../host/rowTarget';
import { registryProblem } from '../oci/registryHost';
import { correctedHostName } from './corrected';
import type { Services } from './services';

/** The registry host of the row, or one that is chosen or typed. */
export async function askHost(services: Services, row: unknown, title: string): Promise<string | undefined> {
  const target = targetOf(row);
  if (target?.host) return target.host;
  return pickOrType({
    title,
    placeholder: 'Registry: host or host:port',
    suggestions: services.settings.registries.map(({ host }) => ({ value: host, icon: 'server' })),
    problem: hostProblem,
    correction: (typed) => correctedHostName(typed, hostProblem),
  });
}

/** Why a text is not a registry host, as a sentence. */
export function hostProblem(text: string): string | undefined {
  const problem = registryProblem(text);
  return problem && sentence(problem);
}
