const MAX_HEADER_LENGTH = 16 * 1024;
const PARAMETER = /\s*;\s*([^\s=;,"<]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"<]*)))?/y;

/**
 * The target of the first link of a `Link` header whose relation is `next`, else of the first without a relation, as some
 * registries send it. Spec: RFC 8288 section 3.
 */
export function nextLink(header: string | null): string | undefined {
  const text = (header ?? '').slice(0, MAX_HEADER_LENGTH);
  let unnamed: string | undefined;
  for (let start = text.indexOf('<'); start >= 0;) {
    const end = text.indexOf('>', start);
    if (end < 0) return unnamed;
    const { relation, position } = readParameters(text, end + 1);
    const target = text.slice(start + 1, end);
    if (relation.toLowerCase().split(/\s+/).includes('next')) return target;
    if (relation === '') unnamed ??= target;
    start = text.indexOf('<', position);
  }
  return unnamed;
}

/** The first `rel` of the parameters that begin at `position`, and where they end. */
function readParameters(text: string, position: number): { relation: string; position: number } {
  let relation: string | undefined;
  PARAMETER.lastIndex = position;
  for (let match = PARAMETER.exec(text); match; match = PARAMETER.exec(text)) {
    position = PARAMETER.lastIndex;
    const [, name = '', quoted, bare = ''] = match;
    if (name.toLowerCase() === 'rel') relation ??= quoted ?? bare;
  }
  return { relation: relation ?? '', position };
}
