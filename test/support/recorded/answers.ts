import type { ScriptedAnswer, SeenRequest } from '../scriptedServer';

/** What a recorded registry answers: shared shapes of the stand-ins beside this file. */
export function json(value: unknown, headers: Readonly<Record<string, string>> = {}): ScriptedAnswer {
  return { headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

/** An error of a JSON API. */
export function jsonError(status: number, value: unknown): ScriptedAnswer {
  return { ...json(value), status };
}

/** The page of a web site, as a login page is. */
export const webPage: ScriptedAnswer = {
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
  body: '<!doctype html><title>Sign in</title>',
};

/** The path and query of a request, apart from its method. */
export function urlOf({ line }: SeenRequest): URL {
  return new URL(line.slice(line.indexOf(' ') + 1), 'http://recorded.test');
}

/** A registry's error document. Spec: distribution-spec v1.1.1, "Error Codes". */
export function specError(status: number, code: string, message: string): ScriptedAnswer {
  return jsonError(status, { errors: [{ code, message }] });
}

/** How a registry in token mode asks to sign in, with its token server on the same host unless `realm` names another. */
export interface TokenMode {
  readonly realm?: string;
  /** The path of the token server. */
  readonly tokenPath: string;
  readonly service: string;
  /** The value of `Authorization` that the token server takes; without one it gives a token to anyone. */
  readonly basic?: string;
}

/**
 * Puts token mode in front of a registry's answers. A token is good for whoever has one: what it allows is the
 * business of `registry`, which is given the `Authorization` of each request.
 */
export function inTokenMode(
  mode: TokenMode,
  registry: (request: SeenRequest) => ScriptedAnswer,
): (request: SeenRequest) => ScriptedAnswer {
  return (request) => {
    const { pathname } = urlOf(request);
    if (pathname === mode.tokenPath) return tokenFor(request, mode);
    if (!pathname.startsWith('/v2/')) return registry(request);
    if (!request.headers.authorization?.startsWith('Bearer ')) return challenge(request, mode);
    return registry(request);
  };
}

function tokenFor({ headers }: SeenRequest, { basic }: TokenMode): ScriptedAnswer {
  if (headers.authorization !== undefined && headers.authorization !== basic) {
    return specError(401, 'UNAUTHORIZED', 'authentication required');
  }
  return json({ token: headers.authorization ? 'token-of-a-user' : 'token-of-nobody' });
}

function challenge({ headers }: SeenRequest, { realm, tokenPath, service }: TokenMode): ScriptedAnswer {
  const url = realm ?? `http://${headers.host}${tokenPath}`;
  return {
    ...specError(401, 'UNAUTHORIZED', 'authentication required'),
    headers: { 'WWW-Authenticate': `Bearer realm="${url}",service="${service}"` },
  };
}
