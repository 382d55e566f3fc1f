// What the suite inside the extension host leaves for us: its output, and the proof that it came to its end.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const pollMs = 200;

/** Shows the suite's output as it grows. `env` tells suiteEntry.cjs where to write. */
export function followSuite(root, suite) {
  const output = path.join(root, 'output.log');
  const doneFile = path.join(root, 'done');
  let shownBytes = 0;
  const show = () => {
    if (!existsSync(output)) return;
    const bytes = readFileSync(output);
    process.stdout.write(bytes.subarray(shownBytes));
    shownBytes = bytes.length;
  };
  const timer = setInterval(show, pollMs);
  const stop = () => {
    clearInterval(timer);
    show();
  };
  return {
    env: { OCI_HOST_OUTPUT: output, OCI_HOST_DONE: doneFile, OCI_HOST_SUITE: suite ?? '' },
    /** The suite's own verdict, or undefined when it never came to an end. */
    verdict: () => (existsSync(doneFile) ? Number(readFileSync(doneFile, 'utf8')) : undefined),
    stop,
  };
}
