import type { Progress } from '../oci/progress';

/** How often a job says how far it is, in a log that is read later. */
const LINE_EVERY_MS = 2000;

/** Prints how far a job is: at once, and then not more often than every two seconds. */
export function progressLines(
  print: (line: string) => void,
  describe: (progress: Progress) => string,
  now: () => number = Date.now,
): (progress: Progress) => void {
  let printedAtMs = -Infinity;
  return (progress) => {
    if (now() - printedAtMs < LINE_EVERY_MS) return;
    printedAtMs = now();
    print(describe(progress));
  };
}
