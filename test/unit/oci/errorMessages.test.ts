import assert from 'node:assert/strict';
import { adviceFor } from '../../../src/host/advice';
import { PortTakenError } from '../../../src/localRegistry/localRegistry';
import { SpecError } from '../../../src/localRegistry/specError';
import * as errors from '../../../src/oci/errors';
import { messageOf, type RegistryFailure } from '../../../src/oci/errors';
import { NoListError } from '../../../src/targets/registry/pages';
import { sourceFiles } from '../house/sourceFiles';

const MAX_MESSAGE = 4_000;
const MAX_QUOTED = 1_000;

/** A text as long as a registry or a file system may give one, of one word or of many. */
type Long = (letter: string) => string;
const LONG: Readonly<Record<string, Long>> = {
  'one word': (letter) => letter.repeat(100_000),
  'many words': (letter) => `${letter} `.repeat(50_000).trim(),
};

const failureOf = (long: Long, status = 400): RegistryFailure => ({
  method: 'GET',
  url: `https://r.test/${long('Α')}`,
  status,
  details: [{ code: long('Β'), message: long('Γ'), detail: long('Δ') }],
  body: long('Ε'),
});

/** Each class with everything in it that others choose, as long as it gets; a letter of its own for each value. */
const MAKE: Readonly<Record<string, (long: Long) => Error>> = {
  InvalidReferenceError: (long) => new errors.InvalidReferenceError(long('Ζ'), 'tag', long('Η')),
  ContentMismatchError: (long) => new errors.ContentMismatchError(long('Θ'), long('Ζ'), long('Κ')),
  InvalidContentError: (long) => new errors.InvalidContentError(long('Κ'), long('Η')),
  RegistryError: (long) => new errors.RegistryError(failureOf(long)),
  NotFoundError: (long) => new errors.NotFoundError(long('Κ'), failureOf(long, 404)),
  SignInRequiredError: (long) => new errors.SignInRequiredError(long('Λ'), true, failureOf(long, 403)),
  NetworkError: (long) => new errors.NetworkError(long('Λ'), long('Μ'), long('Η')),
  NoListError: (long) => new NoListError(long('Ρ'), long('Σ')),
  SpecError: (long) => new SpecError(404, 'NAME_UNKNOWN', long('Τ').slice(0, MAX_QUOTED)),
  ConflictError: (long) => new errors.ConflictError(long('Κ')),
  NotListedError: (long) => new errors.NotListedError(long('Η'), new errors.ConflictError(long('Κ'))),
  UnsupportedError: (long) => new errors.UnsupportedError(long('Ζ'), long('Κ')),
  UnsafePathError: (long) => new errors.UnsafePathError(long('Ν'), long('Η')),
  LinkStepsError: (long) => new errors.LinkStepsError(long('Κ'), 7),
  FileError: (long) => new errors.FileError(long('Ν'), long('Μ'), long('Η')),
  DefinitionError: (long) => new errors.DefinitionError({ file: long('Ο'), line: 1, column: 2 }, long('Η')),
  CredentialStoreError: (long) => new errors.CredentialStoreError(long('Ι'), long('Η')),
  CopyError: (long) => new errors.CopyError('source', long('Ξ'), `sha256:${long('Π')}`, new Error(long('Γ'))),
  PortTakenError: (long) => new PortTakenError(long('Λ'), 5000),
};

/** The most characters of one value in a text: each letter stands for a value. */
function longestValue(text: string): number {
  const counts = new Map<string, number>();
  for (const [run] of text.matchAll(/([^ ])(?: ?\1)+/g)) {
    const letter = run.charAt(0);
    counts.set(letter, Math.max(counts.get(letter) ?? 0, run.length));
  }
  return Math.max(0, ...counts.values());
}

function assertBounded(text: string): void {
  assert.ok(text.length <= MAX_MESSAGE, `${text.length} characters`);
  assert.ok(longestValue(text) <= MAX_QUOTED, `${longestValue(text)} characters of one value`);
}

/** `NoReferrersApi` is caught where it is thrown. */
describe('The message of an error', () => {
  it('is tested for every class', () => {
    const classes = sourceFiles('src').flatMap(({ text }) =>
      [...text.matchAll(/(?<!abstract )class (\w+) extends \w*Error\b/g)].map((match) => match[1]),
    );
    const ours = classes.filter((name) => name !== 'OciError' && name !== 'NoReferrersApi');
    assert.deepEqual(new Set(ours), new Set(Object.keys(MAKE)));
  });

  for (const [name, make] of Object.entries(MAKE)) {
    for (const [form, long] of Object.entries(LONG)) {
      it(`is bounded, and so is what it quotes: ${name}, ${form}`, () => assertBounded(make(long).message));

      it(`is bounded with its advice: ${name}, ${form}`, () => {
        const { summary, detail } = adviceFor(make(long));
        assertBounded(summary);
        assertBounded(detail);
      });
    }
  }

  it('is bounded where the error is not ours', () => {
    for (const text of [
      LONG['one word']?.('x') ?? '',
      `ENOENT: no such file, open '/${'p/'.repeat(9_000)}'`,
    ]) {
      assertBounded(messageOf(new Error(text)));
      assertBounded(messageOf(text));
      assertBounded(adviceFor(new Error(text)).detail);
    }
  });

  it('keeps what stands behind a long value', () => {
    const { message } = new errors.FileError('p'.repeat(100_000), 'EACCES', 'it cannot be read');
    assert.match(message, /^"p{599}…p{400}": it cannot be read \(EACCES\)\.$/);
  });
});
