import { buffer } from 'node:stream/consumers';
import { fileEnding, kindOf, kindTypes } from '../oci/artifactKinds';
import type { Descriptor } from '../oci/descriptor';
import { shortDigest } from '../oci/digest';
import type { Manifest } from '../oci/manifest';
import type { Reader, WaitOptions } from '../oci/target';
import { titleProblem } from '../oci/title';
import { openContent } from './embeddedContent';
import { MAX_CONFIG_BYTES } from './resolvePlatform';

/** Gives a name to a layer that has none. */
export type NameLayer = (layer: Descriptor) => string;

/** What is known beside the manifest. `repository` is the last part of the repository's name. */
export interface NamingContext extends WaitOptions {
  readonly repository?: string;
}

/**
 * Names for the untitled layers of a manifest: a Helm chart as `<name>-<version>.tgz` with its `.prov`, a Singularity
 * image as `<repository>.sif`, others by their short digest and the ending of their type. Errors: those of the source.
 */
export async function namesFor(
  source: Reader,
  manifest: Manifest,
  { repository, ...wait }: NamingContext,
): Promise<NameLayer> {
  const chart =
    kindOf(manifest.config?.mediaType).id === 'helm' ? await chartName(source, manifest, wait) : undefined;
  const taken = new Set<string>();
  return (layer) => {
    const good = goodName(layer, { chart, repository });
    const byDigest = shortDigest(layer.digest) + fileEnding(layer.mediaType);
    const name = good !== undefined && !taken.has(good) && !titleProblem(good, 'win32') ? good : byDigest;
    taken.add(name);
    return name;
  };
}

interface KnownNames {
  readonly chart: string | undefined;
  readonly repository: string | undefined;
}

function goodName({ mediaType }: Descriptor, { chart, repository }: KnownNames): string | undefined {
  if (chart !== undefined && mediaType === kindTypes.helmContent) return `${chart}.tgz`;
  if (chart !== undefined && mediaType === kindTypes.helmProvenance) return `${chart}.tgz.prov`;
  if (repository !== undefined && mediaType === kindTypes.sifLayer) return `${repository}.sif`;
  return undefined;
}

/** `<name>-<version>` from a chart's config; undefined for one that does not say, or would lead out of the folder. */
async function chartName(
  source: Reader,
  { config }: Manifest,
  wait: WaitOptions,
): Promise<string | undefined> {
  if (!config || config.size > MAX_CONFIG_BYTES) return undefined;
  const text = (await buffer(await openContent(source, config, wait))).toString('utf8');
  const { name, version } = fieldsOf(text);
  if (typeof name !== 'string' || typeof version !== 'string') return undefined;
  const whole = `${name}-${version}`;
  return whole.includes('/') || whole.includes('\\') ? undefined : whole;
}

function fieldsOf(text: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}
