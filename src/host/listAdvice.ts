import { SignInRequiredError, UnsupportedError } from '../oci/errors';
import { adviceFor, type Advice, type NextStep } from './advice';

/** Where a list failed. */
export interface ListPlace {
  /** The list is that of a registry's repositories: those that it hides can be named. */
  readonly ofRepositories: boolean;
  /** Rows came before it failed, and trying again reads on behind them. */
  readonly readsOn: boolean;
}

/** Advice on a list of which something is missing. `isNeutral` is set where nothing is wrong but the list is not there. */
export interface ListAdvice extends Advice {
  readonly isNeutral: boolean;
}

/** Explains why a list is not whole, and names the next steps, best first. */
export function listAdvice(error: unknown, { ofRepositories, readsOn }: ListPlace): ListAdvice {
  const advice = adviceFor(error);
  const isRefused = error instanceof SignInRequiredError && error.credentialsSent;
  const summary =
    isRefused && ofRepositories ? `${error.host} does not let you list its repositories` : advice.summary;
  const isHidden = isRefused || error instanceof UnsupportedError;
  const steps = ofRepositories ? withNaming(advice.steps, isHidden) : advice.steps;
  return {
    summary,
    detail: advice.detail,
    steps: readsOn ? moved(steps, 'retry', 0) : steps,
    isNeutral: error instanceof UnsupportedError,
  };
}

/** What is hidden from this sign-in is not helped by another try: naming a repository comes first. */
function withNaming(steps: readonly NextStep[], isHidden: boolean): readonly NextStep[] {
  if (isHidden) return moved(steps, 'addRepository', 0);
  return steps.includes('addRepository') ? steps : moved(steps, 'addRepository', 1);
}

function moved(steps: readonly NextStep[], step: NextStep, to: number): readonly NextStep[] {
  return steps.filter((other) => other !== step).toSpliced(to, 0, step);
}
