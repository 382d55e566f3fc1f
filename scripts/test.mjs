// npm test [-- SUITE...] [--grep TEXT]: sets up, checks, builds, runs the suites, and ends with one line for the whole.
// Naming suites (unit, registry, faults, fuzz, host, network) runs only these, without the checks.
// --cases N and --seed N are for fuzz: how many inputs each parser gets, and where chance starts.
import { parseArgs } from 'node:util';
import { build, checkFormat, checkTypes, lint } from './lib/build.mjs';
import { peersOf } from './lib/peers.mjs';
import { runProgram } from './lib/program.mjs';
import { setupDependencies } from './lib/setupDependencies.mjs';
import { setupPeers } from './lib/setupPeers.mjs';
import { setupVscode } from './lib/setupVscode.mjs';
import { inVscode, runSuite, suiteNames } from './lib/suites.mjs';
import { Tally } from './lib/tally.mjs';

const text = { type: 'string' };
const options = { grep: text, cases: text, seed: text };
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const unknown = positionals.filter((name) => !suiteNames.includes(name));
if (unknown.length > 0) {
  console.error(`No suite is named ${unknown.join(', ')}. There are: ${suiteNames.join(', ')}.`);
  process.exit(2);
}

if (values.cases) process.env.OCI_FUZZ_CASES = values.cases;
if (values.seed) process.env.OCI_FUZZ_SEED = values.seed;

async function setup(suites) {
  await setupDependencies();
  await Promise.all([
    setupPeers(peersOf(suites)),
    suites.some((name) => inVscode.includes(name)) && setupVscode(),
  ]);
}

async function runChecks(tally) {
  await Promise.all([
    tally.check('Type check', checkTypes),
    tally.check('Lint', lint),
    tally.check('Format', checkFormat),
  ]);
}

async function runSuites(tally, suites, grep) {
  const before = tally.passed + tally.failures.length;
  for (const name of suites) tally.add(name, await runSuite(name, grep));
  if (grep && tally.passed + tally.failures.length === before) tally.fail(`no test matches "${grep}"`);
}

async function main() {
  const tally = new Tally();
  const suites = positionals.length > 0 ? positionals : suiteNames;
  await setup(suites);
  if (positionals.length === 0) await runChecks(tally);
  if (await tally.check('Build', () => build('--tests'))) await runSuites(tally, suites, values.grep);
  tally.report();
  process.exitCode = tally.isGood ? 0 : 1;
}

await runProgram(main);
