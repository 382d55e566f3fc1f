import { askText } from '../host/askText';
import { sentence } from '../host/sentence';
import { isDigest } from '../oci/digest';
import { tagProblem } from '../oci/reference';

/** What names are asked for. */
export interface AskNamesOptions {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  /** How many are needed at least; none may be left out by default. */
  readonly least?: number;
  /** Takes digests as well. */
  readonly digests?: boolean;
}

/** Asks for tags, or for tags and digests, between spaces or commas. Undefined when dismissed. */
export async function askTagNames(options: AskNamesOptions): Promise<readonly string[] | undefined> {
  const { title, prompt, value = '' } = options;
  const text = await askText({
    title,
    prompt,
    value,
    placeHolder: options.digests ? 'v1-amd64 v1-arm64 sha256:…' : 'v1.2 latest',
    ignoreFocusOut: true,
    validateInput: (typed) => namesProblem(typed, options),
  });
  return text === undefined ? undefined : namesIn(text);
}

function namesProblem(text: string, { least = 0, digests = false }: AskNamesOptions): string | undefined {
  const names = namesIn(text);
  if (names.length < least) return 'Type one, or several with spaces between them.';
  const problem = names
    .filter((name) => !(digests && isDigest(name)))
    .map(tagProblem)
    .find((found) => found !== undefined);
  return problem && sentence(problem);
}

function namesIn(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))];
}
