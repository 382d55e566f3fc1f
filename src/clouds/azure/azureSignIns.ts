import type { AzureAudience } from './azureCloud';
import type { MicrosoftAccount } from './microsoftSessions';

/** How a user signs in to a registry. `signedOut`: not without being asked again. No secret is in it. */
export type AzureSignIn =
  | {
      readonly by: 'microsoft';
      readonly account: MicrosoftAccount;
      readonly tenant: string;
      readonly audience: AzureAudience;
    }
  | { readonly by: 'azureCli' }
  | { readonly by: 'signedOut' };

/** Where it is remembered; VS Code's Memento is one. */
export interface SignInKeep {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const KEY_PREFIX = 'azureSignIn:';

/** Which account and tenant, or program, belongs to which registry host. */
export class AzureSignIns {
  constructor(private readonly keep: SignInKeep) {}

  get(host: string): AzureSignIn | undefined {
    return asSignIn(this.keep.get(KEY_PREFIX + host.toLowerCase()));
  }

  async set(host: string, signIn: AzureSignIn): Promise<void> {
    await this.keep.update(KEY_PREFIX + host.toLowerCase(), signIn);
  }
}

/** What another version wrote, or nobody, is as good as nothing. */
function asSignIn(value: unknown): AzureSignIn | undefined {
  if (typeof value !== 'object' || value === null || !('by' in value)) return undefined;
  if (value.by === 'azureCli' || value.by === 'signedOut') return { by: value.by };
  return isMicrosoft(value) ? value : undefined;
}

function isMicrosoft(value: object): value is AzureSignIn & { by: 'microsoft' } {
  const { by, account, tenant, audience } = value as Readonly<Record<string, unknown>>;
  const hasAccount = typeof account === 'object' && account !== null && 'id' in account && 'label' in account;
  const hasAudience = audience === 'management' || audience === 'registry';
  return by === 'microsoft' && hasAccount && hasAudience && typeof tenant === 'string';
}
