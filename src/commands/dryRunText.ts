import { countOf } from '../host/countOf';
import { formatBytes } from '../host/progress';
import type { Descriptor } from '../oci/descriptor';
import { messageOf } from '../oci/errors';
import type { CopyTagsResult } from '../operations/copyTags';
import type { DryRun, TagToSet } from '../operations/dryRun';

const MAX_LISTED = 1_000;

/** What a transfer would do, as lines of text. `what` names it. */
export function dryRunText(what: string, dryRun: DryRun, result: CopyTagsResult): string {
  const { tags, manifests, blobs } = dryRun;
  const referrersOf = new Map(result.tags.map(({ tag, referrers }) => [tag, referrers]));
  const lines = tags.map((tag) => tagLine(tag, referrersOf.get(tag.tag) ?? 0));
  const leftOut = result.leftOut.map(({ tag, error }) => `${tag}  ${messageOf(error)}`.replace(/\s/g, ' '));
  return [
    `${what}. Nothing was sent.`,
    '',
    `${dryRunSummary(dryRun)}; ${formatBytes(result.skippedBytes)} are there already.`,
    ...section('Tags', lines),
    ...section('Manifests', manifests.map(contentLine)),
    ...section('Blobs', blobs.map(contentLine)),
    ...(leftOut.length > 0 ? section('Tags that cannot be copied', leftOut) : []),
    '',
  ].join('\n');
}

/** `2 tags, 3 manifests (1.2 kB) and 4 blobs (5 MB) would be sent` */
export function dryRunSummary({ tags, manifests, blobs }: DryRun): string {
  const sized = (descriptors: readonly Descriptor[], noun: string) => {
    const sizeBytes = descriptors.reduce((sum, { size }) => sum + size, 0);
    return `${countOf(descriptors.length, noun)} (${formatBytes(sizeBytes)})`;
  };
  return `${countOf(tags.length, 'tag')}, ${sized(manifests, 'manifest')} and ${sized(blobs, 'blob')} would be sent`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  const more = lines.length > MAX_LISTED ? [`… and ${lines.length - MAX_LISTED} more`] : [];
  const shown = lines.length > 0 ? lines.slice(0, MAX_LISTED) : ['none'];
  return ['', title, ...[...shown, ...more].map((line) => `  ${line}`)];
}

function tagLine({ tag, digest, now }: TagToSet, referrers: number): string {
  const change = now === undefined ? 'new' : now === digest ? 'is there already' : `moves from ${now}`;
  const along = referrers > 0 ? [`with ${countOf(referrers, 'referrer')}`] : [];
  return [tag, digest, change, ...along].join('  ');
}

/** A registry may put anything into a type, line breaks as well: one content has one line. */
function contentLine({ digest, size, artifactType, mediaType }: Descriptor): string {
  return [digest, formatBytes(size), artifactType ?? mediaType].join('  ').replace(/\s/g, ' ');
}
