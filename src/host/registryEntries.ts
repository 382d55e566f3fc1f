import { sentence } from './sentence';
import { registryProblem } from '../oci/registryHost';
import type { RegistrySettings } from './settings';

/** A part of a setting that cannot be used: what it is and why, as a sentence. */
export interface SettingProblem {
  /** Stable for the same place in the setting. */
  readonly id: string;
  readonly text: string;
}

/** What `ociArtifacts.registries` holds: the entries that are understood, and why the others are not. */
export interface RegistryEntries {
  readonly entries: readonly RegistrySettings[];
  readonly problems: readonly SettingProblem[];
}

type Check = readonly [isRight: (value: unknown) => boolean, wanted: string];

const text: Check = [(value) => typeof value === 'string', 'a text'];
const flag: Check = [(value) => typeof value === 'boolean', 'true or false'];
const texts: Check = [isTexts, 'a list of texts'];
const pairs: Check = [(value) => isObject(value) && isTexts(Object.values(value)), 'an object of texts'];

/** The members of an entry beside its host. Members of later versions are none of our business. */
const MEMBERS: Readonly<Record<Exclude<keyof RegistrySettings, 'host'>, Check>> = {
  plainHttp: flag,
  insecure: flag,
  caFile: text,
  clientCert: text,
  clientKey: text,
  headers: pairs,
  resolve: text,
  repositories: texts,
  kind: text,
  namespaces: texts,
  awsProfile: text,
  awsRegion: text,
  account: text,
};

/** Reads the value of `ociArtifacts.registries` as it stands in the user's file; undefined where there is none. */
export function readRegistryEntries(value: unknown): RegistryEntries {
  if (value === undefined) return { entries: [], problems: [] };
  if (!Array.isArray(value)) {
    return { entries: [], problems: [{ id: 'registries', text: 'The list of registries is no list.' }] };
  }
  const problems = value.flatMap((entry: unknown, at) => {
    const problem = entryProblem(entry, at + 1);
    return problem === undefined ? [] : [{ id: `registries[${at}]`, text: problem }];
  });
  return { entries: oneEach(value.filter(isEntry)), problems };
}

/** One entry for a host: where it stands twice, the lists are joined, and the first counts that says a thing. */
function oneEach(entries: readonly RegistrySettings[]): readonly RegistrySettings[] {
  const byHost = new Map<string, RegistrySettings>();
  for (const entry of entries) {
    const known = byHost.get(entry.host);
    byHost.set(entry.host, known ? joined(known, entry) : entry);
  }
  return [...byHost.values()];
}

function joined(first: RegistrySettings, second: RegistrySettings): RegistrySettings {
  const both = (name: 'repositories' | 'namespaces') => {
    const names = [...(first[name] ?? []), ...(second[name] ?? [])];
    return names.length === 0 ? {} : { [name]: [...new Set(names)] };
  };
  return { ...second, ...first, ...both('repositories'), ...both('namespaces') };
}

/** Why settings that are one text or one list are not understood, by their values. */
export function plainProblems(values: {
  readonly caFile: unknown;
  readonly credentialOrder: unknown;
}): readonly SettingProblem[] {
  const { caFile, credentialOrder } = values;
  const isText = caFile === undefined || typeof caFile === 'string';
  const isList = credentialOrder === undefined || Array.isArray(credentialOrder);
  return [
    ...(isText ? [] : [{ id: 'caFile', text: 'The setting ociArtifacts.caFile is not a text.' }]),
    ...(isList
      ? []
      : [
          {
            id: 'credentialOrder',
            text: 'The setting ociArtifacts.credentialOrder is no list: the default counts.',
          },
        ]),
  ];
}

/** Whether a part of the setting is an entry that is understood. */
export function isEntry(value: unknown): value is RegistrySettings {
  return entryProblem(value, 0) === undefined;
}

function entryProblem(value: unknown, number: number): string | undefined {
  if (!isObject(value)) return `Registry ${number} is no object with a "host".`;
  const { host } = value;
  if (typeof host !== 'string') return `Registry ${number} has no "host".`;
  const problem = registryProblem(host);
  if (problem !== undefined) return `${host}: ${sentence(problem)}`;
  const wrong = Object.entries(MEMBERS).find(([name, [isRight]]) => name in value && !isRight(value[name]));
  return wrong && `${host}: "${wrong[0]}" is not ${wrong[1][1]}.`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
