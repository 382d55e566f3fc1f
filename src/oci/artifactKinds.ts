import { mediaTypes } from './mediaTypes';

/** What people call a kind of artifact or layer, and the codicon for it. */
export interface ArtifactKind {
  /** Stable; for code that treats a kind in its own way. */
  readonly id: string;
  readonly name: string;
  readonly icon: string;
}

/** A kind with the types that tell it, as artifact type, config type or layer type. The first that matches counts. */
interface KnownKind extends ArtifactKind {
  readonly types: RegExp;
}

/** A kind that nobody has a common word for. */
const UNKNOWN: ArtifactKind = { id: 'unknown', name: '', icon: 'package' };

/** One table of what is known; each type is from the documentation of the tool that writes it. */
const KINDS: readonly KnownKind[] = [
  {
    id: 'signature',
    name: 'Signature',
    icon: 'verified',
    types: /cosign.*sig|notary\.signature|simplesigning/,
  },
  { id: 'sigstoreBundle', name: 'Signature', icon: 'verified', types: /sigstore/ },
  { id: 'spdx', name: 'SBOM (SPDX)', icon: 'checklist', types: /spdx/ },
  { id: 'cyclonedx', name: 'SBOM (CycloneDX)', icon: 'checklist', types: /cyclonedx/ },
  { id: 'syft', name: 'SBOM (Syft)', icon: 'checklist', types: /vnd\.syft/ },
  { id: 'helmProvenance', name: 'Helm provenance', icon: 'verified', types: /helm\.chart\.provenance/ },
  {
    id: 'attestation',
    name: 'Attestation',
    icon: 'law',
    types: /in-toto|dsse|attestation|provenance|openvex|sarif/,
  },
  { id: 'helm', name: 'Helm chart', icon: 'package', types: /helm\.config/ },
  { id: 'helmContent', name: 'Helm chart archive', icon: 'package', types: /helm\.chart\.content/ },
  { id: 'sif', name: 'Singularity image', icon: 'vm', types: /sylabs\.sif/ },
  { id: 'spin', name: 'Spin application', icon: 'chip', types: /fermyon\.spin/ },
  { id: 'wasm', name: 'WebAssembly module', icon: 'chip', types: /wasm/ },
  {
    id: 'devcontainer',
    name: 'Dev container feature or template',
    icon: 'remote-explorer',
    types: /devcontainers/,
  },
  { id: 'flux', name: 'Flux artifact', icon: 'sync', types: /cncf\.flux/ },
  { id: 'argo', name: 'Argo CD application', icon: 'sync', types: /argoproj|argocd/ },
  { id: 'modelKit', name: 'ModelKit', icon: 'sparkle', types: /kitops\.modelkit/ },
  { id: 'dockerModel', name: 'Docker model', icon: 'sparkle', types: /docker\.ai\./ },
  { id: 'modelPack', name: 'ModelPack model', icon: 'sparkle', types: /cncf\.model\./ },
  { id: 'ollama', name: 'Ollama model', icon: 'sparkle', types: /ollama\.image/ },
  { id: 'opa', name: 'OPA policy', icon: 'shield', types: /openpolicyagent|gatekeeper/ },
  { id: 'kyverno', name: 'Kyverno policy', icon: 'shield', types: /kyverno/ },
  { id: 'compose', name: 'Compose application', icon: 'layers', types: /docker\.compose/ },
  { id: 'cnab', name: 'CNAB bundle', icon: 'package', types: /cnab/ },
  { id: 'tofu', name: 'OpenTofu module', icon: 'package', types: /opentofu|terraform/ },
  { id: 'cue', name: 'CUE module', icon: 'package', types: /vnd\.cue\./ },
  { id: 'trivyDb', name: 'Trivy database', icon: 'database', types: /trivy/ },
  { id: 'buildCache', name: 'Build cache', icon: 'layers', types: /buildkit\.cacheconfig/ },
  {
    id: 'image',
    name: 'Container image',
    icon: 'package',
    types: /docker\.container\.image|oci\.image\.config/,
  },
  { id: 'imageLayer', name: 'Image layer', icon: 'layers', types: /image\.layer|rootfs\.(?:foreign\.)?diff/ },
];

/** The kind of an artifact or layer by its type. */
export function kindOf(type: string | undefined): ArtifactKind {
  if (!type || type === mediaTypes.unknownArtifact) return UNKNOWN;
  return KINDS.find(({ types }) => types.test(type)) ?? UNKNOWN;
}

/** Media types of Helm and Singularity. Source: helm `pkg/registry`, sylabs `singularity push`. */
export const kindTypes = {
  helmConfig: 'application/vnd.cncf.helm.config.v1+json',
  helmContent: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  helmProvenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
  sifConfig: 'application/vnd.sylabs.sif.config.v1+json',
  sifLayer: 'application/vnd.sylabs.sif.layer.v1.sif',
} as const;

/** The types of files by their endings, the longest ending first. */
const FILE_TYPES: readonly (readonly [string, string])[] = [
  ['.spdx.json', 'application/spdx+json'],
  ['.cdx.json', 'application/vnd.cyclonedx+json'],
  ['.intoto.jsonl', 'application/vnd.in-toto+json'],
  ['.sigstore.json', 'application/vnd.dev.sigstore.bundle.v0.3+json'],
  ['.tar.gz', mediaTypes.ociLayerGzip],
  ['.tar.zst', mediaTypes.ociLayerZstd],
  ['.sif', kindTypes.sifLayer],
  ['.wasm', 'application/wasm'],
  ['.rego', 'application/vnd.cncf.openpolicyagent.policy.layer.v1+rego'],
  ['.gguf', 'application/vnd.docker.ai.gguf.v3'],
  ['.json', 'application/json'],
  ['.yaml', 'application/yaml'],
  ['.yml', 'application/yaml'],
  ['.toml', 'application/toml'],
  ['.xml', 'application/xml'],
  ['.md', 'text/markdown'],
  ['.txt', 'text/plain'],
  ['.html', 'text/html'],
  ['.csv', 'text/csv'],
  ['.pdf', 'application/pdf'],
  ['.zip', 'application/zip'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.svg', 'image/svg+xml'],
  ['.tar', mediaTypes.ociLayer],
  ['.tgz', mediaTypes.ociLayerGzip],
];

/** A media type that fits a file by its name; undefined when nothing is known, so that the default of `oras` counts. */
export function guessMediaType(fileName: string): string | undefined {
  const name = fileName.toLowerCase();
  return FILE_TYPES.find(([ending]) => name.endsWith(ending))?.[1];
}

/** The ending for a file of a type, with its dot; empty when nothing fits. */
export function fileEnding(mediaType: string): string {
  const known = FILE_TYPES.find(([, type]) => type === mediaType);
  if (known) return known[0];
  if (/tar[.+]gzip$|\btar\.gz$/.test(mediaType)) return '.tar.gz';
  if (/tar[.+]zstd?$/.test(mediaType)) return '.tar.zst';
  if (/[.+/]tar$/.test(mediaType)) return '.tar';
  const suffix = /[+.](json|yaml|xml|wasm|rego|zip|gguf)$/.exec(mediaType)?.[1];
  return suffix ? `.${suffix}` : '';
}

/** How files of a known kind are pushed, so that the kind's own tools find what they look for. */
export interface PushPreset {
  readonly artifactType: string;
  readonly imageSpec?: 'v1.0';
}

/**
 * The preset for what is pushed, by the files' names; undefined for files that go together in no known way.
 * Source: `singularity push` and `apptainer push` write image-spec v1.0 with a config of their own type.
 */
export function pushPreset(fileNames: readonly string[]): PushPreset | undefined {
  const [name, ...others] = fileNames;
  if (name === undefined || others.length > 0) return undefined;
  const type = guessMediaType(name);
  if (type === kindTypes.sifLayer) return { artifactType: kindTypes.sifConfig, imageSpec: 'v1.0' };
  const isOwnType =
    type !== undefined && ['spdx', 'cyclonedx', 'attestation', 'sigstoreBundle'].includes(kindOf(type).id);
  return isOwnType ? { artifactType: type } : undefined;
}
