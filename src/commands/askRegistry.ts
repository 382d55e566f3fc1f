import { askSteps } from '../host/askSteps';
import { pickOrType, type Suggestion } from '../host/pickOrType';
import type { RegistrySettings } from '../host/settings';
import { correctedHostName } from './corrected';
import { registryChoices, type RegistryChoice } from './registryKinds';

/** What is asked for. */
export interface AskRegistryOptions {
  readonly title: string;
  /** Offered before the kinds, by their hosts. */
  readonly known?: readonly string[];
  /** Other things to choose, behind the kinds. */
  readonly others?: readonly Suggestion[];
  /** Hosts that are not offered by their kind. */
  readonly without?: ReadonlySet<string>;
  /** Why a text is not a host to take, as a sentence. */
  readonly problem: (text: string) => string | undefined;
}

/**
 * Asks for a registry: by its kind, which asks only for what it needs, or by its host. Resolves with its entry, with the
 * `value` of one of `others`, or with undefined when it was dismissed.
 */
export async function askRegistry(
  options: AskRegistryOptions,
): Promise<RegistrySettings | string | undefined> {
  for (;;) {
    const chosen = await pickKind(options);
    if (chosen === undefined || options.others?.some(({ value }) => value === chosen)) return chosen;
    const choice = registryChoices.find(({ label }) => label === chosen);
    const entry = choice ? await askEntry(options.title, choice) : { host: chosen };
    if (entry) return entry;
  }
}

/** The label of a kind, the value of one of the others, or a host as typed. */
function pickKind(options: AskRegistryOptions): Promise<string | undefined> {
  const { title, known = [], others = [], without, problem } = options;
  const kinds = registryChoices.filter(({ host }) => host === undefined || !without?.has(host));
  return pickOrType({
    title,
    placeholder: 'Choose a kind of registry, or type its host, e.g. registry.example.com',
    suggestions: [
      ...known.map((value) => ({ value, icon: 'server' })),
      ...kinds.map(({ label, description, icon }) => ({ value: label, description, icon })),
      ...others,
    ],
    problem,
    correction: (text) => correctedHostName(text, problem),
    isTyped: (text) =>
      /[.:]|^localhost$/.test(text) || !isNamed(text, [...known, ...kinds.map(({ label }) => label)]),
  });
}

/** Whether a text narrows down what is offered; a host of one word does not. */
function isNamed(text: string, offered: readonly string[]): boolean {
  return offered.some((name) => name.toLowerCase().includes(text.toLowerCase()));
}

async function askEntry(
  title: string,
  { label, steps, entry }: RegistryChoice,
): Promise<RegistrySettings | undefined> {
  const answers = await askSteps(`${title}: ${label}`, steps);
  return answers && entry(answers);
}
