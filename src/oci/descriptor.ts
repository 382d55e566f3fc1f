import type { Digest } from './digest';

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

/** `os/architecture[/variant]`, as `docker` and `oras` write it. */
export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter(Boolean).join('/');
}
