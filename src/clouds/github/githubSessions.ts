import type { WaitOptions } from '../../oci/target';

/** A sign-in of GitHub's that VS Code keeps. */
export interface GithubSession {
  /** The account's login. */
  readonly account: string;
  readonly token: string;
}

/**
 * Gives a session with these scopes. With `ask` the user may be asked to sign in or to allow more; without, undefined
 * stands for a session that is not there. Errors: the abort reason when the user backed out.
 */
export type GithubSessions = (
  scopes: readonly string[],
  options: WaitOptions & { readonly ask: boolean },
) => Promise<GithubSession | undefined>;

/** What browsing, pulling and pushing take. Source: GitHub, "About permissions for GitHub Packages". */
export const PACKAGE_SCOPES: readonly string[] = ['read:packages', 'write:packages'];

/** Deleting takes one more, which is asked for only then. */
export const DELETE_SCOPES: readonly string[] = [...PACKAGE_SCOPES, 'delete:packages'];

/** VS Code's `github` sessions are good for this registry; GitHub Enterprise has accounts of its own. */
export function isGithubRegistry(host: string): boolean {
  return host === 'ghcr.io';
}
