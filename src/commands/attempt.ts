import { showError, type FailureContext } from '../host/showError';
import type { Services } from './services';

/** What is said when a step fails: `what` starts the sentence, `host` is the registry that it concerns. */
export interface Attempt {
  readonly what: string;
  readonly host?: string;
  /** Another way to what was wanted, by what went wrong. */
  readonly insteadOf?: (error: unknown) => FailureContext['instead'];
}

/** Takes a step of a command; a failure is shown once, with a way to try the step again. */
export async function attempt(
  services: Services,
  context: Attempt,
  act: () => Promise<unknown>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    const { insteadOf, ...said } = context;
    const retry = () => attempt(services, context, act);
    await showError(services.log, error, { ...said, instead: insteadOf?.(error), retry });
  }
}
