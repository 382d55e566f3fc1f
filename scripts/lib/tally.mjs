// Counts what passed, failed and was skipped over the whole of `npm test`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { at } from './places.mjs';
import { done, failed, since } from './say.mjs';

/** Collects results: checks count as one each, suites as their tests. */
export class Tally {
  passed = 0;
  failures = [];
  skips = [];

  /** Runs a check; what it rejects with is its failure. Resolves with whether it passed. */
  async check(name, work) {
    const started = Date.now();
    try {
      await work();
      this.passed++;
      done(name, since(started));
      return true;
    } catch (error) {
      this.fail(name);
      failed(name, since(started));
      console.log(error.output?.trim() ?? error.message);
      return false;
    }
  }

  /** Takes in the summary of a suite. */
  add(suite, { passed, failed: names, skipped }) {
    this.passed += passed;
    for (const name of names) this.fail(`${suite}: ${name}`);
    this.skips.push(...skipped.map((name) => `${suite}: ${name}`));
  }

  fail(name) {
    this.failures.push(name);
  }

  /** `N passed, N failed, N skipped` */
  get line() {
    return `${this.passed} passed, ${this.failures.length} failed, ${this.skips.length} skipped`;
  }

  /** Whether the whole may count as good: nothing failed, and on CI nothing was skipped either. */
  get isGood() {
    return this.failures.length === 0 && (process.env.CI !== 'true' || this.skips.length === 0);
  }

  /** Names the skips and failures, and prints the line, which out/test-summary.txt keeps. */
  report() {
    if (this.skips.length > 0) console.log(`\nSkipped:\n${indented(this.skips)}`);
    if (this.failures.length > 0) console.log(`\nFailed:\n${indented(this.failures)}`);
    mkdirSync(at('out'), { recursive: true });
    writeFileSync(at('out/test-summary.txt'), `${this.line}\n`);
    console.log(`\n${this.line}`);
  }
}

const indented = (names) => names.map((name) => `  ${name}`).join('\n');
