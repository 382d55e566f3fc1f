import type { EcrRepository, EcrToken } from './aws';

interface RawToken {
  readonly authorizationToken?: string | undefined;
  readonly expiresAt?: Date | undefined;
}

interface RawRepository {
  readonly repositoryName?: string | undefined;
  readonly repositoryUri?: string | undefined;
}

/** The token of an answer. Errors: Error when there is none. */
export function checkedToken({ authorizationToken, expiresAt }: RawToken = {}): EcrToken {
  if (!authorizationToken) throw new Error('AWS answered without an authorization token');
  return { authorizationToken, ...(expiresAt && { expiresAtMs: expiresAt.getTime() }) };
}

/** A repository of an answer; the SDK takes every member for optional. */
export function checkedRepository({ repositoryName, repositoryUri }: RawRepository): EcrRepository {
  return { name: repositoryName ?? '', uri: repositoryUri ?? '' };
}
