import { CredentialStoreError } from '../oci/errors';
import { LimitedCalls, type LimitedCallsOptions } from '../oci/limitedCalls';
import { showWarning } from './messages';

/** Says that a service of VS Code does not answer. `service` starts the sentence. */
export function sayItIsSilent(service: string): void {
  void showWarning(
    `${service} does not answer. Until it does, other sign-ins are used, or none. A question of the system's keyring may be waiting behind another window.`,
  );
}

/** Silent calls of one of VS Code's sign-ins, e.g. `VS Code's GitHub sign-in`. Errors: CredentialStoreError. */
export function signInCalls(
  service: string,
  limits: Pick<LimitedCallsOptions, 'limitMs'> = {},
): LimitedCalls {
  return new LimitedCalls({
    ...limits,
    onSilent: () => sayItIsSilent(service),
    tooLate: (limitMs) => new CredentialStoreError(service, `it has not answered within ${limitMs / 1000} s`),
  });
}
