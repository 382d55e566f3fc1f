import type { Digest } from './digest';
import { isStoredAsManifest, mediaTypes } from './mediaTypes';

/** The platform that an index entry is for. Spec: image-spec v1.1.1 image-index.md. */
export interface Platform {
  readonly architecture: string;
  readonly os: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  readonly variant?: string;
}

export type Annotations = Readonly<Record<string, string>>;

/** What names a piece of content. `size` is in bytes, `data` base64. Spec: image-spec v1.1.1 descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Annotations;
  readonly data?: string;
  readonly platform?: Platform;
  readonly artifactType?: string;
}

/**
 * A descriptor that stands for a config, a layer or a file: its place among them decides that it is a blob, whatever its
 * media type says. One with the media type of a manifest becomes octets, so that each target stores and finds it as a blob.
 */
export function asBlob<T extends Pick<Descriptor, 'mediaType'>>(descriptor: T): T {
  return isStoredAsManifest(descriptor.mediaType)
    ? { ...descriptor, mediaType: mediaTypes.octets }
    : descriptor;
}

/** `os/architecture[/variant]`, as `docker` and `oras` write it. */
export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter(Boolean).join('/');
}
