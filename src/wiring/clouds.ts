import type * as vscode from 'vscode';
import { amazon, type Amazon } from '../clouds/amazon/amazon';
import { awsLoader } from '../clouds/amazon/loadAws';
import { azure } from '../clouds/azure/azure';
import { GithubCredentialSource } from '../clouds/github/githubCredentialSource';
import type { GithubSessions } from '../clouds/github/githubSessions';
import { GithubSignIn } from '../clouds/github/githubSignIn';
import type { CredentialSource } from '../credentials/credentialStore';
import type { SignInWay } from '../credentials/signInWay';
import { askTenant } from '../host/askTenant';
import { chooseAwsProfile } from '../host/chooseAwsProfile';
import { GithubAccounts } from '../host/githubAccounts';
import { openMicrosoftSession } from '../host/microsoftSession';
import type { Settings } from '../host/settings';
import { systemClock } from '../transport/clock';
import type { Transport } from '../transport/transport';
import { machine } from './credentials';
import type { Ping } from './transports';

export interface CloudParts {
  readonly context: vscode.ExtensionContext;
  readonly settings: Settings;
  /** Without credentials of its own. */
  readonly anonymous: Transport;
  readonly ping: Ping;
}

/** What the clouds bring along: where credentials come from, ways to sign in, registries with ways of their own. */
export interface Clouds {
  readonly sources: readonly CredentialSource[];
  readonly ways: readonly SignInWay[];
  readonly providers: Amazon['providers'];
}

/** Builds the sign-ins of Amazon, Azure and GitHub. Nothing is asked or loaded before it is needed. */
export function newClouds(parts: CloudParts): Clouds {
  const aws = newAmazon(parts);
  const acr = newAzure(parts);
  const accounts = new GithubAccounts(parts.context.globalState);
  const sessions: GithubSessions = (scopes, options) => accounts.session(scopes, options);
  const github = new GithubSignIn({ sessions, verify: parts.ping, use: (isUsed) => accounts.use(isUsed) });
  return {
    sources: [
      aws.credentials,
      acr.credentials,
      new GithubCredentialSource(sessions, () => accounts.isChosen),
    ],
    ways: [...aws.ways, ...acr.ways, github],
    providers: aws.providers,
  };
}

function newAzure({ context, settings, anonymous, ping }: CloudParts) {
  return azure({
    transport: anonymous,
    ping,
    kindOf: (host) => settings.registry(host).kind,
    keep: context.globalState,
    environment: machine(),
    openSession: openMicrosoftSession,
    askTenant,
  });
}

function newAmazon({ context, settings, ping }: CloudParts): Amazon {
  return amazon({
    load: awsLoader(context.asAbsolutePath('dist/aws.js')),
    settingsOf: (host) => settings.registry(host),
    clock: systemClock,
    choose: chooseAwsProfile,
    ping,
    remember: (host, profile) => settings.chooseAwsProfile(host, profile),
  });
}
