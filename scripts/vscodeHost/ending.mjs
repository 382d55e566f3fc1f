// How a run ends: the first of many reasons wins.
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Exit codes of a run beside 0 (the suite passed) and 1 (it failed). */
export const exitCodes = { timedOut: 124, couldNotRun: 125, hostDied: 126, interrupted: 130 };

/**
 * Waits for the end of a run. `result` resolves once with `{ code, why }`; `finish` gives it; `release` drops the timer
 * and the signal handlers.
 */
export function awaitEnding(timeoutSeconds) {
  let finish;
  const result = new Promise((resolve) => (finish = (code, why) => resolve({ code, why })));
  const interrupted = (signal) => finish(exitCodes.interrupted, signal);
  for (const signal of signals) process.once(signal, interrupted);
  const tooLate = () => finish(exitCodes.timedOut, `not done after ${timeoutSeconds} s`);
  const timer = setTimeout(tooLate, timeoutSeconds * 1000);
  const release = () => {
    clearTimeout(timer);
    for (const signal of signals) process.off(signal, interrupted);
  };
  return { result, finish, release };
}
