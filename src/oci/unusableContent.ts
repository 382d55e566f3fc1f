import {
  ContentMismatchError,
  InvalidContentError,
  InvalidReferenceError,
  NotFoundError,
  UnsupportedError,
} from './errors';

const UNUSABLE = [
  ContentMismatchError,
  InvalidContentError,
  InvalidReferenceError,
  NotFoundError,
  UnsupportedError,
];

/**
 * True for an error that says that one tag or manifest cannot be used: it is gone, broken, or of a kind that nobody reads.
 * A list goes past it; an error about the way there, a sign-in or a cancel stops the list.
 */
export function isUnusableContent(error: unknown): error is Error {
  return UNUSABLE.some((each) => error instanceof each);
}
