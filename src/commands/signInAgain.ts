import { showFailure } from '../host/messages';
import type { SignInRequiredError } from '../oci/errors';
import type { Services } from './services';
import { signIn } from './signIn';

/** Who refused, and what waits, e.g. `Pushing host/name:tag`. */
interface Question {
  readonly error: SignInRequiredError;
  readonly during: string;
}

/**
 * Asks by a notification, beside the one with the progress, to sign in again, and resolves with true once somebody
 * signed in to the host by whichever way. An abort ends the wait; the notification stays for whoever still wants it.
 */
export async function signInAgain(
  services: Services,
  question: Question,
  { signal }: { readonly signal: AbortSignal },
): Promise<boolean> {
  let isOver = false;
  const watch = watchSignIns(services, question.error.host, signal);
  void watch.signedIn.then(() => (isOver = true));
  try {
    return await Promise.race([watch.signedIn, askUntilAnswered(services, question, () => isOver)]);
  } finally {
    watch.dispose();
  }
}

/** `signedIn` becomes true with the next sign-in to the host, and false when nobody waits any more. */
function watchSignIns({ signIns }: Services, host: string, signal: AbortSignal) {
  let settle: (signedIn: boolean) => void = () => undefined;
  const signedIn = new Promise<boolean>((resolve) => (settle = resolve));
  const end = () => settle(false);
  signal.addEventListener('abort', end, { once: true });
  const listening = signIns.onDidSignIn((name) => name === host && settle(true));
  const dispose = () => {
    listening.dispose();
    signal.removeEventListener('abort', end);
  };
  return { signedIn, dispose };
}

/** A sign-in that was begun and not ended leads back to the question. */
async function askUntilAnswered(
  services: Services,
  { error, during }: Question,
  isOver: () => boolean,
): Promise<boolean> {
  const yes = error.credentialsSent ? 'Sign in again' : 'Sign in';
  const said = error.status === 403 ? 'denied access' : 'asks to sign in';
  while (!isOver()) {
    // A warning would leave the screen after a while, and the work would stand still without a word.
    const message = `${error.host} ${said}: ${during}`;
    const chosen = await showFailure(message, yes, 'Cancel');
    if (chosen !== yes) return false;
    await signIn(services, { target: { host: error.host } });
  }
  return false;
}
