import type { Descriptor } from '../oci/descriptor';
import { formatReference, type Reference } from '../oci/reference';

/** What a row of the tree stands for; the argument that commands get from the row. */
export interface RowTarget {
  /** `host[:port]`. */
  readonly host: string;
  readonly repository?: string;
  readonly tag?: string;
  /** A manifest or layer known by digest. */
  readonly descriptor?: Descriptor;
}

/** A row that carries its target. */
export interface TargetRow {
  readonly target: RowTarget;
}

/** A row that stands for a manifest: by tag, by digest, or both. */
export type ManifestTarget = RowTarget & { readonly repository: string };

/** The target of whatever a command was called with; undefined when it came from the palette. */
export function targetOf(argument: unknown): RowTarget | undefined {
  if (typeof argument !== 'object' || argument === null || !('target' in argument)) return undefined;
  return (argument as TargetRow).target;
}

/** The target when it names a manifest. */
export function manifestTargetOf(argument: unknown): ManifestTarget | undefined {
  const target = targetOf(argument);
  return target?.repository && (target.tag ?? target.descriptor) ? (target as ManifestTarget) : undefined;
}

/** The reference a person would write: by tag where there is one, else by digest. */
export function referenceOf({ host, repository, tag, descriptor }: ManifestTarget): Reference {
  if (tag) return { registry: host, repository, tag };
  return { registry: host, repository, ...(descriptor && { digest: descriptor.digest }) };
}

/** The text of `referenceOf`. */
export function referenceText(target: ManifestTarget): string {
  return formatReference(referenceOf(target));
}

/** What a registry is asked for: the tag, or the digest. */
export function tagOrDigest({ tag, descriptor }: RowTarget): string {
  return tag ?? descriptor?.digest ?? 'latest';
}
