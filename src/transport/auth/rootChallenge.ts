import type { WaitOptions } from '../../oci/target';
import { untilAborted } from '../../oci/untilAborted';
import type { Outgoing, Send } from '../outgoing';
import { discard } from '../readCapped';
import type { Challenge } from './challenge';
import { isRefused, usableChallenge } from './refusal';

const ROOT = '/v2/';

/** True for a request that asks `/v2/` itself. */
export function isRoot({ method, url }: Outgoing): boolean {
  return method === 'GET' && url.pathname === ROOT;
}

/**
 * The challenge of a registry's `/v2/`, asked for once and shared by all who wait for it. A registry that is open in part
 * asks there who is there, and nowhere else. Spec: distribution-spec v1.1.1, "Determining Support".
 */
export class RootChallenge {
  private known: Promise<Challenge | undefined> | undefined;
  private open = false;

  /** True once `/v2/` let a stranger in. */
  get isOpen(): boolean {
    return this.open;
  }

  /** Undefined where `/v2/` is open to all, or cannot say now: then it is asked again. Errors: the abort reason. */
  async learn(next: Send, outgoing: Outgoing, { signal }: WaitOptions): Promise<Challenge | undefined> {
    this.known ??= this.ask(next, outgoing);
    return untilAborted(this.known, signal);
  }

  private async ask(next: Send, { endpoint, origin }: Outgoing): Promise<Challenge | undefined> {
    const root: Outgoing = {
      method: 'GET',
      url: new URL(ROOT, origin),
      endpoint,
      origin,
      headers: {},
      scopes: [],
    };
    const response = await next(root, {}).catch(() => undefined);
    if (response) discard(response);
    this.open = response?.status === 200;
    const challenge = response && isRefused(response, root) ? usableChallenge(response) : undefined;
    if (!challenge) this.known = undefined;
    return challenge;
  }
}
