/** Media types by the names that the specs give them. Spec: image-spec v1.1.1 media-types.md; Docker schema 2. */
export const mediaTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  /** The OCI artifact manifest of image-spec 1.1.0-rc; still found in registries. */
  ociArtifactManifest: 'application/vnd.oci.artifact.manifest.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerSchema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  /** Bytes of which nothing more is known. */
  octets: 'application/octet-stream',
  /** What `oras push` writes when no artifact type is given. */
  unknownArtifact: 'application/vnd.unknown.artifact.v1',
  /** What `oras push --image-spec v1.0` writes for the config when no type is given. */
  unknownConfig: 'application/vnd.unknown.config.v1+json',
} as const;

/** Manifests that list other manifests. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList;
}

/** Manifests with a config and layers. */
export function isImageManifestType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest;
}

/** Everything that a registry stores under `/manifests/`. */
export function isManifestType(mediaType: string): boolean {
  return (
    isIndexType(mediaType) || isImageManifestType(mediaType) || mediaType === mediaTypes.ociArtifactManifest
  );
}

/** True for what is found under `/manifests/`, Docker's first schema included. */
export function isStoredAsManifest(mediaType: string): boolean {
  return (
    isManifestType(mediaType) ||
    mediaType === mediaTypes.dockerSchema1 ||
    mediaType === mediaTypes.dockerSchema1Signed
  );
}

/** The `Accept` header of a manifest request. */
export const manifestAccept = [
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  mediaTypes.dockerManifest,
  mediaTypes.dockerList,
  mediaTypes.ociArtifactManifest,
].join(', ');

/** The config of a container image, which names its platform. */
export function isImageConfigType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig;
}
