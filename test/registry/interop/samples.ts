import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../../src/oci/digest';
import { projectRoot } from '../../support/projectRoot';
import { filesIn } from './findings';
import type { Kind } from './kinds';
import { chart } from './place';
import type { Findings } from './tool';
import type { Workbench } from './workbench';

/** The samples' names, below the workbench's folder of samples. */
export const samples = {
  file: 'a.txt',
  files: ['a.txt', 'docs/guide.md', 'b & c.bin'],
  folder: 'tree',
  /**
   * The file of each platform has the same name, in a folder named after its architecture. It is compressed, as layers
   * of images are: skopeo would do it otherwise, and lose the titles.
   */
  program: 'program.gz',
  architectures: ['amd64', 'arm64'],
  chart: `${chart.name}-${chart.version}.tgz`,
  chartConfig: 'chart.json',
  sif: 'box.sif',
  attached: {
    'application/spdx+json': 'sbom.json',
    'application/vnd.example.signature.v1+json': 'signature.json',
  },
} as const;

/** The types of Helm and Singularity. Source: helm.sh, "Use OCI-based registries"; sylabs/oras, media types. */
export const sampleTypes = {
  chartConfig: 'application/vnd.cncf.helm.config.v1+json',
  chartLayer: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  sifConfig: 'application/vnd.sylabs.sif.config.v1+json',
  sifLayer: 'application/vnd.sylabs.sif.layer.v1.sif',
} as const;

const texts: Readonly<Record<string, string>> = {
  'a.txt': 'first\n',
  'docs/guide.md': '# Guide\n',
  'b & c.bin': '\0\u00ff'.repeat(40_000),
  'tree/top.txt': 'top\n',
  'tree/sub/deep/grüße.txt': 'deep\n',
  'sbom.json': '{"spdxVersion":"SPDX-2.3"}\n',
  'signature.json': '{"signed":true}\n',
  'empty.json': '{}',
};

/** Writes the samples; helm packs the chart and siftool the image. */
export async function writeSamples(workbench: Workbench): Promise<void> {
  for (const [name, text] of Object.entries(texts)) {
    const file = path.join(workbench.samples, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  for (const name of samples.architectures) {
    await mkdir(path.join(workbench.samples, name));
    await writeFile(path.join(workbench.samples, name, samples.program), gzipSync(`for ${name}\n`));
  }
  const source = path.join(projectRoot(), 'scripts/samples/workspace/charts', chart.name);
  await workbench.run('helm', ['package', source, '--version', chart.version]);
  const config = { name: chart.name, version: chart.version, apiVersion: 'v2' };
  await writeFile(path.join(workbench.samples, samples.chartConfig), JSON.stringify(config));
  await workbench.run('siftool', ['new', samples.sif]);
  await workbench.run('siftool', ['add', '--datatype', '6', samples.sif, 'sbom.json']);
}

/** What is to be found in each kind once it has been written. */
export async function expectedFindings(workbench: Workbench): Promise<Readonly<Record<Kind, Findings>>> {
  const all = await filesIn(workbench.samples);
  const pick = (names: readonly string[]): Findings =>
    Object.fromEntries(names.map((name) => [name, all[name] ?? 'missing']));
  const file = pick([samples.file]);
  const attached: Findings = Object.fromEntries(
    Object.entries(samples.attached).map(([type, name]) => [type, all[name] ?? 'missing']),
  );
  const programs: readonly (readonly [string, string])[] = samples.architectures.map((name) => [
    `linux/${name} ${samples.program}`,
    all[`${name}/${samples.program}`] ?? 'missing',
  ]);
  const archive = await readFile(path.join(workbench.samples, samples.chart));
  return {
    file,
    files: pick(samples.files),
    folder: pick(Object.keys(all).filter((name) => name.startsWith(`${samples.folder}/`))),
    index: Object.fromEntries(programs),
    chart: { [`${chart.name} ${chart.version}`]: digestOf(archive) },
    sif: pick([samples.sif]),
    attached,
    copy: { ...file, ...attached },
    layout: pick(samples.files),
  };
}
