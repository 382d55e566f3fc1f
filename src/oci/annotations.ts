/** Annotation keys. Spec: image-spec v1.1.1 annotations.md; the deis ones are those of `oras`. */
export const annotationKeys = {
  title: 'org.opencontainers.image.title',
  created: 'org.opencontainers.image.created',
  refName: 'org.opencontainers.image.ref.name',
  description: 'org.opencontainers.image.description',
  version: 'org.opencontainers.image.version',
  /** Web address of the source code. */
  source: 'org.opencontainers.image.source',
  /** The commit in the source code. */
  revision: 'org.opencontainers.image.revision',
  url: 'org.opencontainers.image.url',
  authors: 'org.opencontainers.image.authors',
  /** Digest of the uncompressed tar of a folder. */
  contentDigest: 'io.deis.oras.content.digest',
  /** "true" when a layer is to be unpacked as a folder. */
  contentUnpack: 'io.deis.oras.content.unpack',
  /** Permissions of a file, in octal. Not in the spec: ours, written only when asked for. */
  fileMode: 'vnd.oci-artifacts.file.mode',
  /** What CNCF ModelPack keeps of a file, as JSON. */
  modelFileMetadata: 'org.cncf.model.file.metadata+json',
} as const;
