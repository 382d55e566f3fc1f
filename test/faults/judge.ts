import { messageOf, OciError } from '../../src/oci/errors';
import { testAccount } from '../support/testAccount';
import type { Case } from './cases';
import type { Measured } from './measure';

/** What became of a case. `told` is a server's statement that a client has to believe, see `statements`. */
export interface Verdict {
  readonly outcome: 'same' | 'named' | 'told' | 'wrong';
  /** The error, or what is wrong. */
  readonly detail: string;
}

/** What a case is judged by: the run without a fault, and what came to the host that nobody should know of. */
export interface Evidence {
  readonly expected: Measured;
  readonly leaks: readonly string[];
  readonly elsewhere: string;
}

const NONSENSE = /undefined|\[object|\bnull\b|NaN/;

/** The same result as without the fault, or an error that names what failed; and nothing half done either way. */
export function judge(tried: Case, measured: Measured, evidence: Evidence): Verdict {
  const problems = [
    ...damageOf(measured),
    ...evidence.leaks.map((leak) => `sent elsewhere: ${leak}`),
    ...(measured.wasHit ? [] : ['the fault never met its request']),
  ];
  const isError = 'error' in measured;
  if (!measured.hung && isError) problems.push(...problemsOfFailure(tried, measured, evidence));
  if (problems.length > 0) return { outcome: 'wrong', detail: problems.join('; ') + errorText(measured) };
  if (isError) return { outcome: 'named', detail: messageOf(measured.error) };
  const difference = differenceOf(measured, evidence.expected);
  if (difference === undefined) return { outcome: 'same', detail: '' };
  if (isStatement(tried)) return { outcome: 'told', detail: difference };
  return { outcome: 'wrong', detail: difference };
}

/**
 * Answers that may not be doubted. "Not here" of the referrers API means that there is none, and a client looks for a
 * list under a tag; "not here" of that tag, that there is no list; of a manifest on a list, that the list is out of date.
 * Spec: distribution-spec v1.1.1, "Listing Referrers".
 */
function isStatement({ target: { key }, fault: { name } }: Case): boolean {
  const isNotHere = name === '404' || name === 'redirect to a host that knows nothing';
  if (/ \/v2\/.*\/referrers\//.test(key)) return isNotHere || /web page|login page/.test(name);
  return isNotHere && /^GET .*\/manifests\/sha256[-:]/.test(key);
}

function damageOf({ hung, repository, leftovers }: Measured): readonly string[] {
  return [
    ...(hung ? ['it did not end in time'] : []),
    ...repository.broken.map((each) => `incomplete: ${each}`),
    ...leftovers.map((name) => `left behind: ${name}`),
  ];
}

function problemsOfFailure(
  { operation }: Case,
  { error, hosts, folder, folderBefore }: Measured,
  { elsewhere, expected }: Evidence,
): readonly string[] {
  const message = messageOf(error);
  const problems: string[] = [];
  if (!(error instanceof OciError)) problems.push('not an error of ours');
  if (![...hosts, elsewhere].some((host) => message.includes(host))) problems.push('names no host');
  if (NONSENSE.test(message)) problems.push('does not read well');
  const secret = Buffer.from(`${testAccount.username}:${testAccount.password}`).toString('base64');
  if (message.includes(testAccount.password) || message.includes(secret)) problems.push('holds a secret');
  const mayDiffer = operation.leavesParts || folder === expected.folder;
  if (folder !== folderBefore && !mayDiffer) problems.push(`the folder changed to ${folder}`);
  return problems;
}

function differenceOf(measured: Measured, expected: Measured): string | undefined {
  const facts = (of: Measured) => ({ result: of.result, folder: of.folder, repository: of.repository });
  for (const [name, value] of Object.entries(facts(measured))) {
    const wanted = facts(expected)[name as keyof ReturnType<typeof facts>];
    if (JSON.stringify(value) !== JSON.stringify(wanted))
      return `${name}: ${JSON.stringify(value)} in place of ${JSON.stringify(wanted)}`;
  }
  return undefined;
}

function errorText({ error }: Measured): string {
  if (error === undefined) return '';
  return ` | ${error instanceof Error ? `${error.name}: ${error.message}` : messageOf(error)}`;
}
