import type { Suggestion } from '../host/pickOrType';
import { correctedHost, correctedReference, type Correction } from '../oci/pastedText';

type Problem = (text: string) => string | undefined;

/** The reference that a pasted text stands for, to be offered; undefined where that has a problem too. */
export function corrected(text: string, problem: Problem): Suggestion | undefined {
  return offered(correctedReference(text), problem);
}

/** The same for the host of a registry. */
export function correctedHostName(text: string, problem: Problem): Suggestion | undefined {
  return offered(correctedHost(text), problem);
}

function offered(correction: Correction | undefined, problem: Problem): Suggestion | undefined {
  if (!correction || problem(correction.value) !== undefined) return undefined;
  return { value: correction.value, description: correction.reason, icon: 'wand' };
}
