/** An Azure cloud: where a registry's users sign in, and the API that knows their tenants. */
export interface AzureCloud {
  /** VS Code's authentication provider; the sovereign one needs the setting `microsoft-sovereign-cloud.environment`. */
  readonly provider: 'microsoft' | 'microsoft-sovereign-cloud';
  /** The host of Azure Resource Manager. */
  readonly managementHost: string;
}

/**
 * What a Microsoft token is for. Registries take both unless one is told to refuse `management`; VS Code's own
 * application is known to be let in to `management`. Source: `az acr config authentication-as-arm`.
 */
export type AzureAudience = 'management' | 'registry';

const CLOUDS: readonly (readonly [ending: RegExp, cloud: AzureCloud])[] = [
  [
    /\.azurecr\.cn(?::\d+)?$/i,
    { provider: 'microsoft-sovereign-cloud', managementHost: 'management.chinacloudapi.cn' },
  ],
  [
    /\.azurecr\.us(?::\d+)?$/i,
    { provider: 'microsoft-sovereign-cloud', managementHost: 'management.usgovcloudapi.net' },
  ],
];
const PUBLIC_CLOUD: AzureCloud = { provider: 'microsoft', managementHost: 'management.azure.com' };
/** One for all clouds. Source: Azure SDK for .NET, issue 34785. */
const REGISTRY_RESOURCE = 'https://containerregistry.azure.net';

/** The cloud that a registry is in, by the end of its host. */
export function azureCloudOf(host: string): AzureCloud {
  return CLOUDS.find(([ending]) => ending.test(host))?.[1] ?? PUBLIC_CLOUD;
}

/**
 * The scopes to ask VS Code for. `VSCODE_TENANT:` picks the tenant and does not go further; without it the account's
 * own is taken.
 */
export function scopesFor(cloud: AzureCloud, audience: AzureAudience, tenant?: string): readonly string[] {
  const resource = audience === 'registry' ? REGISTRY_RESOURCE : `https://${cloud.managementHost}`;
  return [`${resource}/.default`, ...(tenant === undefined ? [] : [`VSCODE_TENANT:${tenant}`])];
}
