import type { CredentialExplanation, SourceStep } from '../credentials/credentialExplanation';

/** What a source said, for a row: a codicon and its colour, a few words, and a line with the place or the reason. */
export interface StepWords {
  readonly icon: string;
  readonly color?: string;
  readonly state: string;
  readonly detail?: string;
}

/** The words for one source of an explanation. */
export function stepWords({ report, label, location }: SourceStep): StepWords {
  switch (report.outcome) {
    case 'used':
      return {
        icon: 'pass-filled',
        color: 'testing.iconPassed',
        state: `used: ${report.account}`,
        ...placeUnlessLabel(report.place, label),
      };
    case 'otherAccount':
      return {
        icon: 'account',
        state: `has ${report.account}, another account is used`,
        ...placeUnlessLabel(report.place, label),
      };
    case 'ended':
      return {
        icon: 'history',
        state: `has a token that has ended (${report.account})`,
        ...placeUnlessLabel(report.place, label),
      };
    case 'failed':
      return { icon: 'error', color: 'errorForeground', state: 'failed', detail: report.reason };
    case 'nothing':
      return {
        icon: 'circle-outline',
        state: 'nothing for this registry',
        ...(location !== undefined && { detail: location }),
      };
    case 'notAsked':
      return { icon: 'dash', state: 'not asked: an earlier one answered' };
    case 'switchedOff':
      return { icon: 'circle-slash', state: 'switched off by the setting' };
  }
}

/** The whole in one sentence: who is signed in, and why no one or another. */
export function explanationSummary({ steps, chosenAccount }: CredentialExplanation): string {
  const used = steps.flatMap(({ report }) => (report.outcome === 'used' ? report : []))[0];
  if (!used) {
    const failed = steps.filter(({ report }) => report.outcome === 'failed').length;
    if (failed > 0) return 'No sign-in was found, and a source failed: requests that need one fail too.';
    return 'No sign-in was found: requests are anonymous.';
  }
  if (chosenAccount === undefined) return `Signs in as ${used.account}.`;
  if (chosenAccount === used.account) return `Signs in as ${used.account}, the chosen account.`;
  return `Signs in as ${used.account}: the chosen account ${chosenAccount} is signed in nowhere.`;
}

/** One source as a line of text, for the clipboard. */
export function stepText(step: SourceStep): string {
  const { state, detail } = stepWords(step);
  return [`${step.label}: ${state}`, detail].filter(Boolean).join(' – ');
}

function placeUnlessLabel(place: string, label: string): { detail?: string } {
  return place === label ? {} : { detail: place };
}
