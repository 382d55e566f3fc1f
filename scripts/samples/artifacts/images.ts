import type { Descriptor, Platform } from '../../../src/oci/descriptor';
import { digestOf } from '../../../src/oci/digest';
import { encodeImageIndex, encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import type { Attachment } from './attachment';
import { pushEmptyConfig } from './emptyConfig';
import { gzip, SAMPLE_TIME, tarOf } from './packFiles';
import { sampleAnnotations } from './sampleAnnotations';
import type { SampleRegistry } from './sampleRegistry';
import { sampleSbom } from './sampleSbom';
import { sampleSignature } from './sampleSignature';

const REPOSITORY = 'images/tiny';
const VERSION = '1.0.0';
const PLATFORMS: readonly Platform[] = [
  { architecture: 'amd64', os: 'linux' },
  { architecture: 'arm64', os: 'linux', variant: 'v8' },
];

/** An image for two platforms, with an SBOM and a signature as referrers of its index. */
export async function seedImages(registry: SampleRegistry): Promise<void> {
  const manifests: Descriptor[] = [];
  for (const platform of PLATFORMS) manifests.push(await pushImage(registry, platform));
  const description = 'The smallest image that says which platform it is for.';
  const content = encodeImageIndex({
    manifests,
    annotations: sampleAnnotations('tiny', description, VERSION),
  });
  const tags = [VERSION, 'latest'];
  const index = await registry.pushManifest(REPOSITORY, content, { mediaType: mediaTypes.ociIndex, tags });
  await attach(registry, index, sampleSbom(index.digest, VERSION));
  await attach(registry, index, sampleSignature(index.digest));
}

async function pushImage(registry: SampleRegistry, platform: Platform): Promise<Descriptor> {
  const { os, architecture, variant } = platform;
  const archive = tarOf({ 'etc/': '', 'etc/platform': `${os}/${architecture}\n`, 'hello.txt': 'Hello.\n' });
  const config = JSON.stringify({
    created: SAMPLE_TIME,
    architecture,
    os,
    ...(variant && { variant }),
    config: { Env: ['PATH=/bin'], WorkingDir: '/', Labels: { 'org.opencontainers.image.version': VERSION } },
    rootfs: { type: 'layers', diff_ids: [digestOf(archive)] },
    history: [{ created: SAMPLE_TIME, created_by: 'samples', comment: 'two text files' }],
  });
  const manifest = encodeImageManifest({
    config: await registry.pushBlob(REPOSITORY, config, mediaTypes.ociConfig),
    layers: [await registry.pushBlob(REPOSITORY, gzip(archive), mediaTypes.ociLayerGzip)],
  });
  const pushed = await registry.pushManifest(REPOSITORY, manifest, { mediaType: mediaTypes.ociManifest });
  return { ...pushed, platform };
}

async function attach(registry: SampleRegistry, subject: Descriptor, attachment: Attachment): Promise<void> {
  const { artifactType, content, annotations } = attachment;
  const manifest = encodeImageManifest({
    artifactType,
    config: await pushEmptyConfig(registry, REPOSITORY),
    layers: [await registry.pushBlob(REPOSITORY, content, artifactType)],
    subject,
    annotations,
  });
  await registry.pushManifest(REPOSITORY, manifest, { mediaType: mediaTypes.ociManifest });
}
