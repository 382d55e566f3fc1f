import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { annotationKeys } from '../../src/oci/annotations';
import { InvalidContentError } from '../../src/oci/errors';
import { parseManifest } from '../../src/oci/manifest';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { pushChart } from '../../src/operations/pushChart';
import { fetchConfig } from '../../src/operations/manifest';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { HelmChart } from '../../src/targets/folder/helmChart';
import { Registry } from '../../src/targets/registry/registry';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';
import { testTransport, type TestTransport } from '../support/testTransport';

const run = promisify(execFile);

const FULL = `# a comment
type: application
apiVersion: v2
name: full
version: 1.2.3-rc.1+build.5
description: |
  Two lines & <b>markup</b>,
  grüße 世界
home: https://example.com
sources: [https://example.com/source, https://example.com/other]
keywords:
  - a
  - "b & c"
maintainers:
  - name: Ann
    email: ann@example.com
    url: https://example.com/ann
  - name: Bob
icon: https://example.com/icon.png
appVersion: "1.10"
kubeVersion: ">=1.20.0-0"
deprecated: true
annotations:
  z/last: "1"
  a/first: "<2>"
  org.opencontainers.image.title: not the title
  org.opencontainers.image.vendor: Ann & Bob
unknown: member
`;

const charts: Readonly<Record<string, string>> = {
  plain: 'apiVersion: v2\nname: plain\nversion: 0.1.0\n',
  full: FULL,
  old: 'name: old\nversion: 1.0.0\n',
  library: 'apiVersion: v2\nname: library\nversion: v1.0\ntype: library\nappVersion: 1.5\n',
};

describe('Helm charts beside the real helm', function () {
  this.timeout(60_000);
  let helm: string;
  let scratch: string;
  let registry: EmbeddedRegistry;
  let transport: TestTransport;

  before(async function () {
    helm = peerOrSkip(this, 'helm');
    scratch = await mkdtemp(path.join(tmpdir(), 'helm-parity-'));
    registry = await startEmbeddedRegistry();
    transport = testTransport();
    for (const [name, chartYaml] of Object.entries(charts)) await makeChart(name, chartYaml);
  });

  after(async () => {
    await registry?.stop();
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  /** A chart that uses what Helm leaves out, links, and a sub-chart. */
  async function makeChart(name: string, chartYaml: string): Promise<void> {
    const files: Record<string, string> = {
      'Chart.yaml': chartYaml,
      'values.yaml': 'greeting: hello\n',
      '.helmignore': '*.tmp\nnotes/\n',
      'templates/config.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  a: {{ .Values.greeting }}\n',
      'templates/_helpers.tpl': '{{/* nothing */}}\n',
      'scratch.tmp': 'left out',
      'notes/a.md': 'left out',
      'files/data.txt': 'data',
      'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.0.1\n',
      'charts/sub/values.yaml': 'a: b\n',
    };
    for (const [file, text] of Object.entries(files)) {
      const full = path.join(scratch, name, file);
      await mkdir(path.dirname(full), { recursive: true });
      await writeFile(full, text);
    }
    await symlink('data.txt', path.join(scratch, name, 'files/linked.txt'));
  }

  const helmRun = (...args: readonly string[]) => run(helm, args, { cwd: scratch });
  const repository = (name: string) => new Registry(registry.host, transport).repository(name);

  const packaged = async (name: string) => {
    const { stdout } = await helmRun('package', name);
    return /saved it to: (.*)/.exec(stdout)?.[1]?.trim() ?? '';
  };

  const ours = async (file: string, repositoryName: string, created?: string) => {
    const chart = await HelmChart.open(file);
    try {
      return await pushChart(chart, repository(repositoryName), created === undefined ? {} : { created });
    } finally {
      await chart.dispose();
    }
  };

  for (const name of Object.keys(charts)) {
    it(`writes the manifest and the config that helm push writes: ${name}`, async () => {
      const archive = await packaged(name);
      await helmRun('push', '--plain-http', archive, `oci://${registry.host}/theirs`);
      const theirs = repository(`theirs/${name}`);
      const chart = await HelmChart.open(archive);
      const tag = chart.metadata.version.replace('+', '_');
      const theirManifest = await theirs.readManifest(tag);
      const created = parseManifest(theirManifest.bytes).annotations[annotationKeys.created];
      const result = await pushChart(
        chart,
        repository(`ours/${name}`),
        created === undefined ? {} : { created },
      );
      assert.deepEqual(result.tags, [tag]);
      const config = async (from: Parameters<typeof fetchConfig>[0]) =>
        Buffer.from((await fetchConfig(from, tag)).bytes).toString();
      assert.equal(await config(repository(`ours/${name}`)), await config(theirs));
      assert.equal(
        Buffer.from(result.manifest.bytes).toString(),
        Buffer.from(theirManifest.bytes).toString(),
      );
    });

    it(`packs a folder to a chart that helm pulls, with what helm package takes: ${name}`, async () => {
      const { tags } = await ours(path.join(scratch, name), `folders/${name}`);
      const out = path.join(scratch, `pulled ${name}`);
      await mkdir(out);
      const version = tags[0]?.replace('_', '+') ?? '';
      const place = `oci://${registry.host}/folders/${name}`;
      await helmRun('pull', '--plain-http', '--untar', '-d', out, place, '--version', version);
      const archive = await packaged(name);
      const theirs = path.join(scratch, `packaged ${name}`);
      await mkdir(theirs);
      await run('tar', ['xzf', archive, '-C', theirs]);
      // helm writes Chart.yaml anew.
      assert.deepEqual(await contentOf(out, ['Chart.yaml']), await contentOf(theirs, ['Chart.yaml']));
      if (name === 'library') return;
      const rendered = async (chart: string) => (await helmRun('template', 'x', chart)).stdout;
      assert.equal(await rendered(path.join(out, name)), await rendered(name));
    });
  }

  it('packs a folder to the same bytes each time', async () => {
    const first = await ours(path.join(scratch, 'plain'), 'twice/plain', '2024-05-06T07:08:09Z');
    const again = await ours(path.join(scratch, 'plain'), 'twice/plain', '2024-05-06T07:08:09Z');
    assert.equal(again.descriptor.digest, first.descriptor.digest);
    assert.ok(again.skippedBytes > 0);
  });

  it('pushes the provenance beside an archive, as helm does, and pulls both by their names', async () => {
    const archive = await packaged('plain');
    await writeFile(`${archive}.prov`, 'signed by nobody');
    await helmRun('push', '--plain-http', archive, `oci://${registry.host}/signed-theirs`);
    const theirs = await repository('signed-theirs/plain').readManifest('0.1.0');
    const created = parseManifest(theirs.bytes).annotations[annotationKeys.created];
    const { manifest } = await ours(archive, 'signed/plain', created);
    assert.equal(Buffer.from(manifest.bytes).toString(), Buffer.from(theirs.bytes).toString());
    const out = path.join(scratch, 'signed');
    const source = repository('signed-theirs/plain');
    const plan = await planPull(source, '0.1.0', { nameUntitled: {} });
    const { written } = await pull(source, plan, new FolderSink(out), { policy: 'overwrite' });
    assert.deepEqual([...written].sort(), ['plain-0.1.0.tgz', 'plain-0.1.0.tgz.prov']);
    assert.deepEqual(await readFile(path.join(out, 'plain-0.1.0.tgz')), await readFile(archive));
    await rm(`${archive}.prov`);
  });

  it('knows a chart folder and a chart archive from others', async () => {
    const archive = await packaged('plain');
    const other = path.join(scratch, 'other.tgz');
    await run('tar', ['czf', other, '-C', path.join(scratch, 'plain'), 'values.yaml']);
    assert.equal(await HelmChart.isChart(path.join(scratch, 'plain')), true);
    assert.equal(await HelmChart.isChart(archive), true);
    assert.equal(await HelmChart.isChart(path.join(scratch, 'plain/templates')), false);
    assert.equal(await HelmChart.isChart(other), false);
    assert.equal(await HelmChart.isChart(path.join(scratch, 'plain/values.yaml')), false);
  });

  const refused: Readonly<Record<string, string>> = {
    'no version': 'apiVersion: v2\nname: a\n',
    'a version that is not semantic': 'apiVersion: v2\nname: a\nversion: newest\n',
    'a name that leads elsewhere': 'apiVersion: v2\nname: ../a\nversion: 1.0.0\n',
    'another type': 'apiVersion: v2\nname: a\nversion: 1.0.0\ntype: other\n',
    'no mapping': '- a\n',
  };
  for (const [name, chartYaml] of Object.entries(refused)) {
    it(`refuses a chart that helm refuses: ${name}`, async () => {
      const folder = path.join(scratch, `refused ${name}`);
      await mkdir(folder);
      await writeFile(path.join(folder, 'Chart.yaml'), chartYaml);
      await assert.rejects(helmRun('package', folder));
      await assert.rejects(HelmChart.open(folder), InvalidContentError);
    });
  }
});

/** Path to text; the files that helm writes anew by name alone. */
async function contentOf(root: string, renewed: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    const full = path.join(entry.parentPath, entry.name);
    found[path.relative(root, full)] = renewed.includes(entry.name) ? '' : await readFile(full, 'utf8');
  }
  return found;
}
