import { annotationKeys } from '../../../src/oci/annotations';
import { digestOf } from '../../../src/oci/digest';
import { encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { pushEmptyConfig } from './emptyConfig';
import { gzip, tarOf } from './packFiles';
import { sampleAnnotations } from './sampleAnnotations';
import type { SampleRegistry } from './sampleRegistry';

const REPOSITORY = 'demo/policies';
const DESCRIPTION = 'Admission policies for the demo cluster, as a folder of Rego files.';

const ALLOW = `package admission

# Images may come from the registries that the platform team runs.
trusted := {"registry.example.com", "mirror.example.com"}

default allow := false

allow if {
	some host in trusted
	startswith(input.image, sprintf("%s/", [host]))
}
`;

const DENY = `package admission

deny contains message if {
	endswith(input.image, ":latest")
	message := "name a version: the tag latest moves"
}
`;

const LIMITS = `package admission

deny contains message if {
	some container in input.containers
	not container.resources.limits.memory
	message := sprintf("container %s has no memory limit", [container.name])
}
`;

const README = `# Policies

\`allow.rego\` says where images may come from, \`deny.rego\` what is refused all the same.
`;

const FIRST = {
  'policies/': '',
  'policies/README.md': README,
  'policies/allow.rego': ALLOW,
  'policies/deny.rego': DENY,
};
const SECOND = { ...FIRST, 'policies/limits/': '', 'policies/limits/memory.rego': LIMITS };

/** A folder as one layer that tools unpack, in two versions. */
export async function seedPolicies(registry: SampleRegistry): Promise<void> {
  await pushFolder(registry, FIRST, ['1.0.0']);
  await pushFolder(registry, SECOND, ['1.1.0', 'latest']);
}

async function pushFolder(
  registry: SampleRegistry,
  files: Readonly<Record<string, string>>,
  tags: readonly [string, ...string[]],
): Promise<void> {
  const archive = tarOf(files);
  const layer = await registry.pushBlob(REPOSITORY, gzip(archive), mediaTypes.ociLayerGzip);
  const annotations = {
    [annotationKeys.title]: 'policies',
    [annotationKeys.contentDigest]: digestOf(archive),
    [annotationKeys.contentUnpack]: 'true',
  };
  const manifest = encodeImageManifest({
    artifactType: 'application/vnd.example.policy.bundle.v1',
    config: await pushEmptyConfig(registry, REPOSITORY),
    layers: [{ ...layer, annotations }],
    annotations: sampleAnnotations('Demo policies', DESCRIPTION, tags[0]),
  });
  await registry.pushManifest(REPOSITORY, manifest, { mediaType: mediaTypes.ociManifest, tags });
}
