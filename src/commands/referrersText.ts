import { annotationKeys } from '../oci/annotations';
import { kindOf } from '../oci/artifactKinds';
import type { Descriptor } from '../oci/descriptor';
import { signatureName, type SignatureTag } from '../oci/signatureTags';
import type { Discovery, ReferrerTree } from '../operations/discover';

/** A tree of referrers as lines of text. `text` is what was asked about. */
export function referrersText(text: string, { root, isWhole }: Discovery): string {
  const head = `${text}\n${root.descriptor.digest}`;
  const body = root.referrers.length > 0 ? branches(root.referrers, '') : ['Nothing refers to it.'];
  const end = isWhole ? [] : ['', 'It was not looked deeper than this: there may be more.'];
  return [head, ...body, ...end, ''].join('\n');
}

function branches(trees: readonly ReferrerTree[], indent: string): readonly string[] {
  return trees.flatMap(({ descriptor, signature, referrers }, at) => {
    const isLast = at === trees.length - 1;
    const own = `${indent}${isLast ? '└── ' : '├── '}${line(descriptor, signature)}`;
    return [own, ...branches(referrers, `${indent}${isLast ? '    ' : '│   '}`)];
  });
}

/** A registry may put anything into a type or an annotation, line breaks as well: one referrer has one line. */
function line(
  { artifactType, mediaType, digest, annotations }: Descriptor,
  signature: SignatureTag | undefined,
): string {
  const type = signature?.tag ?? artifactType ?? mediaType;
  const name = signature ? signatureName(signature) : kindOf(type).name;
  const created = annotations?.[annotationKeys.created];
  return [digest, type, name && `(${name})`, created].filter(Boolean).join('  ').replace(/\s/g, ' ');
}
