import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';
import { projectRoot } from '../support/projectRoot';

/** What the suite leaves to the registry's own version of the spec, by its own defaults. */
const RUNS = [
  {
    version: 'stable',
    leastChecks: 850,
    off: [
      'Blob upload cancel',
      'Manifest put with tag params',
      'Sparse Manifests',
      'Tag Param',
      'Tag Param sha512',
    ],
  },
  { version: 'dev', leastChecks: 950, off: ['Sparse Manifests'] },
] as const;

interface Outcome {
  readonly exitCode: number | string | null | undefined;
  readonly output: string;
  readonly junit: string;
}

describe('The official conformance suite against the embedded registry', function () {
  this.timeout(120_000);
  let registry: EmbeddedRegistry;
  let program: string;

  before(async function () {
    program = peerOrSkip(this, 'oci-conformance');
    registry = await startEmbeddedRegistry();
  });
  after(() => registry?.stop());

  for (const { version, leastChecks, off } of RUNS) {
    it(`passes as a whole for the ${version} spec, with nothing switched off`, async () => {
      const { exitCode, output, junit } = await runSuite(program, registry.host, version);
      assert.equal(exitCode, 0, output.slice(-4000));
      const count = (name: string) =>
        Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(junit)?.[1] ?? 0);
      assert.equal(count('failures') + count('errors') + count('skipped'), 0);
      assert.ok(count('tests') >= leastChecks, `only ${count('tests')} checks`);
      assert.deepEqual(namesWith(output, 'FAIL|Error|Skip'), []);
      assert.deepEqual(namesWith(output, 'Disabled'), off);
    });
  }
});

async function runSuite(program: string, host: string, version: string): Promise<Outcome> {
  const results = path.join(projectRoot(), 'out/conformance', version);
  await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  // Nothing of the caller's environment may switch a check off.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('OCI_'));
  const env = {
    ...Object.fromEntries(inherited),
    OCI_REGISTRY: host,
    OCI_TLS: 'disabled',
    OCI_VERSION: version,
    OCI_REPO1: `conformance/${version}-one`,
    OCI_REPO2: `conformance/${version}-two`,
    OCI_RESULTS_DIR: results,
  };
  const { exitCode, output } = await new Promise<Omit<Outcome, 'junit'>>((resolve) => {
    execFile(program, { env, cwd: results, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ exitCode: error ? error.code : 0, output: stdout + stderr }),
    );
  });
  await writeFile(path.join(results, 'output.txt'), output);
  return { exitCode, output, junit: await readFile(path.join(results, 'junit.xml'), 'utf8') };
}

/** Names of APIs and data sets with one of these results, from lines such as `Blob push......:   Pass`. */
function namesWith(output: string, results: string): string[] {
  const line = new RegExp(`^  ([A-Z][A-Za-z0-9 /-]*[a-z0-9])\\.*: +(?:${results})$`, 'gm');
  return [...output.matchAll(line)].map(([, name = '']) => name);
}
