import { askText } from '../host/askText';
import type { Annotations } from '../oci/descriptor';

const SHOWN = 5;

/** What is asked for, and what there is already. */
export interface AskAnnotationsOptions {
  readonly title: string;
  readonly value?: Annotations;
  /** True when going on without any makes no sense. */
  readonly needsOne?: boolean;
}

/** Asks for annotations, one a box, until an empty one; undefined when dismissed. */
export async function askAnnotations({
  title,
  value = {},
  needsOne = false,
}: AskAnnotationsOptions): Promise<Annotations | undefined> {
  let annotations = value;
  for (;;) {
    const count = Object.keys(annotations).length;
    const mayGoOn = count > 0 || !needsOne;
    const text = await askText({
      title: `${title}: annotations (${count})`,
      placeHolder: 'key=value',
      prompt: promptFor(annotations, mayGoOn),
      ignoreFocusOut: true,
      validateInput: (typed) => annotationProblem(typed, { annotations, mayGoOn }),
    });
    if (text === undefined) return undefined;
    if (text.trim() === '') return annotations;
    annotations = withAnnotation(annotations, text);
  }
}

/** `key=value` sets, `key-` takes away. What is behind the first `=` is the value, as it stands. */
export function withAnnotation(annotations: Annotations, text: string): Annotations {
  const at = text.indexOf('=');
  if (at >= 0) return { ...annotations, [text.slice(0, at).trim()]: text.slice(at + 1) };
  const gone = text.trim().slice(0, -1);
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== gone));
}

/** Why a text changes no annotation, as a sentence; undefined when it does, or goes on where that may be. */
export function annotationProblem(
  text: string,
  { annotations, mayGoOn }: { readonly annotations: Annotations; readonly mayGoOn: boolean },
): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return mayGoOn ? undefined : 'Without files it needs an annotation: key=value';
  if (trimmed.indexOf('=') > 0) return undefined;
  if (trimmed.endsWith('-') && trimmed.slice(0, -1) in annotations) return undefined;
  return 'An annotation has the form key=value.';
}

function promptFor(annotations: Annotations, mayGoOn: boolean): string {
  const entries = Object.entries(annotations);
  const shown = entries.slice(0, SHOWN).map(([key, value]) => `${key}=${value}`);
  const more = entries.length > SHOWN ? [`and ${entries.length - SHOWN} more`] : [];
  const set = entries.length > 0 ? `Set: ${[...shown, ...more].join(', ')}. "key-" takes one away. ` : '';
  return `${set}${mayGoOn ? 'Leave it empty to go on.' : 'Type one as key=value.'}`;
}
