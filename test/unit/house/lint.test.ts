import assert from 'node:assert/strict';
import { ESLint } from 'eslint';
import { projectRoot } from '../../support/projectRoot';

interface LintConfig {
  readonly rules: Readonly<Record<string, readonly unknown[]>>;
}

describe('the linter', () => {
  for (const file of ['src/extension.ts', 'src/oci/digest.ts', 'scripts/test.mjs']) {
    it(`holds functions of ${file} to 60 lines`, async () => {
      const linter = new ESLint({ cwd: projectRoot() });
      const { rules } = (await linter.calculateConfigForFile(file)) as LintConfig;
      const [severity, options] = rules['max-lines-per-function'] ?? [];
      assert.equal(severity, 2);
      assert.deepEqual(options, { max: 60, skipBlankLines: true, skipComments: true });
    });
  }

  it('refuses what hides mistakes: any, floating promises and import cycles', async () => {
    const linter = new ESLint({ cwd: projectRoot() });
    const { rules } = (await linter.calculateConfigForFile('src/extension.ts')) as LintConfig;
    const wanted = [
      '@typescript-eslint/no-explicit-any',
      '@typescript-eslint/no-floating-promises',
      'import-x/no-cycle',
    ];
    for (const name of wanted) assert.equal(rules[name]?.[0], 2, name);
  });
});
