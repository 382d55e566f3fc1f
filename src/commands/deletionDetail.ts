import { kindOf } from '../oci/artifactKinds';
import type { Descriptor } from '../oci/descriptor';
import { shortDigest } from '../oci/digest';
import type { DeletePlan } from '../operations/planDelete';

const SHOWN = 10;

/** What a delete takes along, in words. `tag` is the one that was chosen, and goes without saying. */
export function deletionDetail(plan: DeletePlan, tag?: string): string {
  const { descriptor, referrers, signatureTags } = plan;
  const tags = plan.tags.filter((name) => name !== tag);
  return [
    `The registry deletes the manifest ${descriptor.digest}. This cannot be undone.`,
    ...listed(
      tags,
      tags.length === 1 ? 'This tag on it goes too:' : `These ${tags.length} tags on it go too:`,
    ),
    ...(plan.sawAllTags ? [] : ['There are more tags than were looked at; any of them on it goes too.']),
    ...listed(
      referrers.map(referrerText),
      referrers.length === 1
        ? 'This refers to it and loses its subject:'
        : `These ${referrers.length} refer to it and lose their subject:`,
    ),
    ...listed(
      signatureTags.map(({ tag, kind }) => `${kind}, ${tag}`),
      signatureTags.length === 1
        ? 'This tag of cosign is about it and stays:'
        : `These ${signatureTags.length} tags of cosign are about it and stay:`,
    ),
  ].join('\n');
}

function listed(lines: readonly string[], heading: string): readonly string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, SHOWN).map((line) => `• ${line}`);
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more`] : [];
  return ['', heading, ...shown, ...more];
}

function referrerText({ artifactType, mediaType, digest }: Descriptor): string {
  const type = artifactType ?? mediaType;
  return `${kindOf(type).name || type} (${shortDigest(digest)})`;
}
