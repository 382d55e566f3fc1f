import { cut } from '../oci/boundedText';

const MAX_TEXT_LENGTH = 10_000;

/** A message for a page with an end to each text in it; the whole is in the manifest, which the page opens. */
export function boundedTexts<Message>(message: Message): Message {
  return bounded(message) as Message;
}

function bounded(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, MAX_TEXT_LENGTH);
  if (Array.isArray(value)) return value.map(bounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, bounded(member)]));
}
