import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitFacts } from '../../oci/gitStamp';
import type { WaitOptions } from '../../oci/target';

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Keeps a repository's own configuration from starting programs, as far as git lets us. */
const QUIET = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '--no-optional-locks'];

/**
 * What git knows of the work tree that a folder is in; nothing where there is none or no git. A repository's filters
 * can start programs of its own, so call it in trusted workspaces only.
 */
export async function readGitFacts(folder: string, options: WaitOptions = {}): Promise<GitFacts> {
  const revision = await git(folder, ['rev-parse', '--verify', 'HEAD'], options);
  if (!revision) return {};
  const remoteUrl = await git(folder, ['remote', 'get-url', 'origin'], options);
  const changes = await git(
    folder,
    ['status', '--porcelain', '--untracked-files=normal', '--', '.'],
    options,
  );
  return { revision, ...(remoteUrl && { remoteUrl }), modified: changes === undefined || changes !== '' };
}

/** The output without its last line end; undefined when git refuses or is missing. */
async function git(
  folder: string,
  args: readonly string[],
  { signal }: WaitOptions,
): Promise<string | undefined> {
  const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true };
  try {
    const { stdout } = await run('git', [...QUIET, ...args], { ...options, ...(signal && { signal }) });
    return stdout.trimEnd();
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
