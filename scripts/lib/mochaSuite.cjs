// Runs one bundled suite with mocha, in plain Node or inside VS Code's extension host (which calls run()).
// OCI_SUITE_FILE: the bundle. OCI_SUITE_SUMMARY: where the result goes as JSON. OCI_SUITE_GREP: only matching tests.
// OCI_SUITE_TIMEOUT_MS: for each test.
const { writeFileSync } = require('node:fs');

exports.run = async () => {
  const { OCI_SUITE_FILE, OCI_SUITE_SUMMARY, OCI_SUITE_GREP, OCI_SUITE_TIMEOUT_MS } = process.env;
  process.setSourceMapsEnabled(true);
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({
    reporter: 'spec',
    timeout: Number(OCI_SUITE_TIMEOUT_MS ?? 10_000),
    forbidOnly: process.env.CI === 'true',
    ...(OCI_SUITE_GREP && { grep: OCI_SUITE_GREP }),
  });
  mocha.addFile(OCI_SUITE_FILE);
  const summary = await runAndCount(mocha);
  writeFileSync(OCI_SUITE_SUMMARY, JSON.stringify(summary, null, 2));
  if (summary.failed.length > 0) throw new Error(`${summary.failed.length} failed`);
};

function runAndCount(mocha) {
  const started = Date.now();
  const summary = { passed: 0, failed: [], skipped: [], durationMs: 0 };
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve({ ...summary, durationMs: Date.now() - started }));
    runner.on('pass', () => summary.passed++);
    runner.on('fail', (test) => summary.failed.push(test.fullTitle()));
    runner.on('pending', (test) => summary.skipped.push(test.fullTitle()));
  });
}
