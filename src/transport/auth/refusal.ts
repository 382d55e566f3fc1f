import type { Outgoing } from '../outgoing';
import { isOwnOrigin } from '../ownOrigin';
import type { TransportResponse } from '../transport';
import { parseChallenges, type Challenge } from './challenge';
import { isReadable } from './realm';

/** True for 401 and 403 of the registry itself: signing in to it does not help with a host that a redirect led to. */
export function isRefused({ status, url }: TransportResponse, { origin }: Outgoing): boolean {
  return (status === 401 || status === 403) && isOwnOrigin(url, origin);
}

/**
 * True for "not found" and "denied" of the registry itself without a challenge: registries that are open in part answer
 * so to strangers, for what others may see.
 */
export function isBare(response: TransportResponse, outgoing: Outgoing): boolean {
  if (isRefused(response, outgoing)) return usableChallenge(response) === undefined;
  return response.status === 404 && isOwnOrigin(response.url, outgoing.origin);
}

/**
 * The challenge of an answer to follow: a Bearer whose realm is no address is none. Bearer before Basic: where both are offered, the token server
 * knows finer rights.
 */
export function usableChallenge({ headers, url }: TransportResponse): Challenge | undefined {
  const challenges = parseChallenges(headers.get('www-authenticate'));
  return (
    challenges.find(
      ({ scheme, parameters }) => scheme === 'bearer' && isReadable(parameters['realm'], url),
    ) ?? challenges.find(({ scheme }) => scheme === 'basic')
  );
}
