import { annotationKeys } from './annotations';
import type { Annotations } from './descriptor';

/** What is known about the git work tree that files come from. */
export interface GitFacts {
  /** As `git remote` gives it; user names and secrets in it are dropped here. */
  readonly remoteUrl?: string;
  /** The commit's full hash. */
  readonly revision?: string;
  /** True when files differ from the commit. */
  readonly modified?: boolean;
}

/**
 * The annotations that say where an artifact's files come from: the repository's web address and the commit, with
 * `-dirty` behind it when files differ, as `git describe` writes it. Spec: image-spec v1.1.1 annotations.md.
 */
export function gitAnnotations({ remoteUrl, revision, modified = false }: GitFacts): Annotations {
  const source = remoteUrl && sourceUrl(remoteUrl);
  return {
    ...(source && { [annotationKeys.source]: source }),
    ...(revision && { [annotationKeys.revision]: modified ? `${revision}-dirty` : revision }),
  };
}

/** Undefined for a remote that only this machine knows, such as a folder. */
function sourceUrl(remote: string): string | undefined {
  const text = withScheme(remote.trim());
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(text);
  if (!['http:', 'https:', 'ssh:', 'git:'].includes(protocol) || hostname === '') return undefined;
  const isWeb = protocol === 'http:' || protocol === 'https:';
  const place = isWeb ? `${protocol}//${hostname}${port && `:${port}`}` : `https://${hostname}`;
  return place + pathname.replace(/\/+$/, '').replace(/\.git$/, '');
}

/** `user@host:path` is git's short way to write `ssh://user@host/path`. */
function withScheme(remote: string): string {
  const short = /^(?:[^@/:]+@)?([^/:]{2,}):(?!\/\/)\/?(.+)$/.exec(remote);
  return short ? `ssh://${short[1]}/${short[2]}` : remote;
}
