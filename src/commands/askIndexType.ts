import { askText } from '../host/askText';
import { artifactTypeProblem } from './push';

/** Asks for the artifact type of an index, which has none as a rule: an empty text. Undefined when dismissed. */
export async function askIndexType(title: string, value = ''): Promise<string | undefined> {
  const text = await askText({
    title: `${title}: artifact type`,
    value,
    prompt: 'Leave it empty for none, as the index of an image has it',
    ignoreFocusOut: true,
    validateInput: (typed) => (typed.trim() === '' ? undefined : artifactTypeProblem(typed.trim())),
  });
  return text?.trim();
}
