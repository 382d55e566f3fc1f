import type { Step } from '../host/askSteps';
import type { RegistrySettings } from '../host/settings';
import { registryProblem } from '../oci/registryHost';
import { hostProblem } from './askHost';

/** A kind of registry that can be added: what is asked for, and the entry that the answers make. */
export interface RegistryChoice {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** Its host, where there is but one. */
  readonly host?: string;
  readonly steps: readonly Step[];
  readonly entry: (answers: readonly string[]) => RegistrySettings;
}

const fixed = (host: string) => ({ host, steps: [], entry: () => ({ host }) });

/** The kinds that "Add registry" knows, in the order they are offered. */
export const registryChoices: readonly RegistryChoice[] = [
  { label: 'Docker Hub', description: 'docker.io', icon: 'server', ...fixed('docker.io') },
  {
    label: 'GitHub Container Registry',
    description: 'ghcr.io',
    icon: 'github',
    host: 'ghcr.io',
    steps: [
      namespacesStep('Organizations or users whose packages to list, beside your own', 'my-org, a-user'),
    ],
    entry: ([owners]) => ({ host: 'ghcr.io', ...namespaces(owners) }),
  },
  {
    label: 'Amazon ECR',
    description: 'account.dkr.ecr.region.amazonaws.com',
    icon: 'cloud',
    steps: [
      step('AWS account ID', '123456789012', /^\d{12}$/, 'An AWS account ID has twelve digits.'),
      step('AWS region', 'eu-central-1', /^[a-z]{2}(?:-[a-z]+)+-\d+$/, 'A region looks like eu-central-1.'),
    ],
    entry: ([account = '', region = '']) => ({ host: ecrHost(account, region) }),
  },
  { label: 'Amazon ECR Public', description: 'public.ecr.aws', icon: 'cloud', ...fixed('public.ecr.aws') },
  {
    label: 'Azure Container Registry',
    description: 'name.azurecr.io',
    icon: 'azure',
    steps: [
      step(
        'Registry name, or its login server',
        'myregistry',
        /^(?:[a-z0-9]{5,50}|[a-z0-9-]+\.azurecr\.(?:io|cn|us))$/i,
        'A registry name has 5 to 50 letters and digits; a login server looks like myregistry.azurecr.io.',
      ),
    ],
    entry: ([name = '']) => ({ host: withSuffix(name.toLowerCase(), '.azurecr.io') }),
  },
  {
    label: 'Google Artifact Registry',
    description: 'location-docker.pkg.dev',
    icon: 'cloud',
    steps: [
      step(
        'Location, or the whole host',
        'europe-west1',
        /^(?:[a-z0-9-]+|[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)$/,
        'A location looks like us or europe-west1, a host like us-docker.pkg.dev.',
      ),
      namespacesStep('Projects to list, or repositories in them', 'my-project, other-project/repository'),
    ],
    entry: ([location = '', projects]) => ({
      host: withSuffix(location, '-docker.pkg.dev'),
      ...namespaces(projects),
    }),
  },
  {
    label: 'Quay',
    description: 'quay.io, or a host of your own',
    icon: 'server',
    steps: [
      hostStep('Host of the registry', 'quay.io'),
      namespacesStep('Organizations or users whose repositories to list', 'my-org'),
    ],
    entry: ([host = '', owners]) => ({
      host,
      ...(host !== 'quay.io' && { kind: 'quay' as const }),
      ...namespaces(owners),
    }),
  },
  {
    label: 'Harbor',
    description: 'a host of your own',
    icon: 'server',
    steps: [hostStep('Host of the registry')],
    entry: ([host = '']) => ({ host, kind: 'harbor' }),
  },
  {
    label: 'GitLab Container Registry',
    description: 'registry.gitlab.com, or a host of your own',
    icon: 'server',
    steps: [
      hostStep('Host of the registry', 'registry.gitlab.com'),
      namespacesStep('Projects or groups whose repositories to list', 'my-group/my-project'),
    ],
    entry: ([host = '', projects]) => gitlabEntry(host, projects),
  },
  {
    label: 'Other registry…',
    description: 'by its host',
    icon: 'server-environment',
    steps: [hostStep('Host of the registry')],
    entry: ([host = '']) => ({ host }),
  },
];

/** Organizations, groups, projects as typed, with commas or spaces between them. */
export function splitNamespaces(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))];
}

/** Why a text is not a list of organizations or projects, as a sentence. */
export function namespacesProblem(text: string): string | undefined {
  const bad = splitNamespaces(text).find((name) => !/^[\w.-]+(?:\/[\w.-]+)*$/.test(name));
  return bad === undefined ? undefined : `"${bad}" is not a name: letters, digits, and . _ - / between them.`;
}

/** The host of an account's private registry. Source: Amazon ECR User Guide, "Amazon ECR private registries". */
export function ecrHost(account: string, region: string): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function gitlabEntry(host: string, projects: string | undefined): RegistrySettings {
  const registry = host === 'gitlab.com' ? 'registry.gitlab.com' : host;
  const isOwn = registry !== 'registry.gitlab.com';
  return { host: registry, ...(isOwn && { kind: 'gitlab' as const }), ...namespaces(projects) };
}

function step(prompt: string, placeholder: string, pattern: RegExp, problem: string): Step {
  return { prompt, placeholder, problem: (text) => (pattern.test(text) ? undefined : problem) };
}

function hostStep(prompt: string, value?: string): Step {
  const problem = (text: string) => hostProblem(text);
  return { prompt, placeholder: 'host or host:port', problem, ...(value !== undefined && { value }) };
}

function namespacesStep(prompt: string, placeholder: string): Step {
  return { prompt: `${prompt}. Leave it empty to add some later.`, placeholder, problem: namespacesProblem };
}

function namespaces(text = ''): Pick<RegistrySettings, 'namespaces'> {
  const names = splitNamespaces(text);
  return names.length > 0 ? { namespaces: names } : {};
}

/** A name as the host that it stands for; a text with a dot is a host already. */
function withSuffix(name: string, suffix: string): string {
  return name.includes('.') && registryProblem(name) === undefined ? name : `${name}${suffix}`;
}
