import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { annotationKeys } from '../../../src/oci/annotations';
import type { Descriptor } from '../../../src/oci/descriptor';
import { digestOf } from '../../../src/oci/digest';
import { parseManifest } from '../../../src/oci/manifest';
import type { Findings } from './tool';
import type { Workbench } from './workbench';

/** A manifest and its blobs as a tool gave them. */
export interface Opened {
  readonly manifest: Uint8Array;
  readonly blob: (descriptor: Descriptor) => Promise<Uint8Array>;
}

/** The files below a folder, by paths with `/`. */
export async function filesIn(folder: string): Promise<Findings> {
  const found: Record<string, string> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const file = path.join(folder, name);
    if ((await lstat(file)).isFile()) {
      found[name.split(path.sep).join('/')] = digestOf(await readFile(file));
    }
  }
  return found;
}

/** The files that an artifact's titled layers stand for. */
export async function filesOf({ manifest, blob }: Opened, workbench: Workbench): Promise<Findings> {
  const folder = await workbench.scratch();
  for (const layer of parseManifest(manifest).layers) {
    const title = layer.annotations?.[annotationKeys.title];
    if (title === undefined) continue;
    const isPacked = layer.annotations?.[annotationKeys.contentUnpack] === 'true';
    const file = path.join(isPacked ? await workbench.scratch() : folder, title);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, await blob(layer));
    if (isPacked) await workbench.run('tar', ['-xzf', file, '-C', folder]);
  }
  return filesIn(folder);
}

/** A chart's name and version as its config says, and the digest of its archive. */
export async function chartOf({ manifest, blob }: Opened): Promise<Findings> {
  const { config, layers } = parseManifest(manifest);
  if (!config || !layers[0]) throw new Error('The chart has no config or no layer');
  const facts = JSON.parse(Buffer.from(await blob(config)).toString()) as Record<string, string>;
  return { [`${facts['name']} ${facts['version']}`]: digestOf(await blob(layers[0])) };
}

/** What is attached: artifact type to the digest of its document. The manifests say, not the server's list. */
export async function attachedOf(referrers: readonly Opened[]): Promise<Findings> {
  const found: Record<string, string> = {};
  for (const { manifest, blob } of referrers) {
    const { artifactType = '', layers } = parseManifest(manifest);
    if (layers[0]) found[artifactType] = digestOf(await blob(layers[0]));
  }
  return found;
}

/** The findings of each platform of the sample index, with the platform before each name. */
export async function byPlatform(read: (platform: string) => Promise<Findings>): Promise<Findings> {
  const found: Record<string, string> = {};
  for (const platform of ['linux/amd64', 'linux/arm64']) {
    for (const [name, digest] of Object.entries(await read(platform))) found[`${platform} ${name}`] = digest;
  }
  return found;
}
