import { showWarning } from '../host/messages';
import { shortDigest, type Digest } from '../oci/digest';
import type { Reader, WaitOptions } from '../oci/target';
import { digestOnTag } from '../operations/tag';

/** Tags of a repository (`text`) that are to point at `digest`. */
export interface TagMoves extends WaitOptions {
  readonly text: string;
  readonly tags: readonly string[];
  readonly digest: Digest;
}

/** Asks before a tag is taken from another manifest; true when none is, or that may be. Errors: those of the target. */
export async function confirmMoves(target: Reader, moves: TagMoves): Promise<boolean> {
  const lines = await movesOf(target, moves);
  if (lines.length === 0) return true;
  const message = lines.length === 1 ? `Move a tag of ${moves.text}?` : `Move tags of ${moves.text}?`;
  const options = { modal: true, detail: lines.join('\n') };
  return (await showWarning(message, options, 'Move')) === 'Move';
}

/** Which tags move, a line each. Errors: those of the target. */
export async function movesOf(
  target: Reader,
  { tags, digest, signal }: Omit<TagMoves, 'text'>,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const tag of tags) {
    const now = await digestOnTag(target, tag, signal ? { signal } : {});
    if (now && now !== digest)
      lines.push(`"${tag}" moves from ${shortDigest(now)} to ${shortDigest(digest)}.`);
  }
  return lines;
}
