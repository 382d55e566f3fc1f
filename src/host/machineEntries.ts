import { registryProblem } from '../oci/registryHost';
import type { SettingProblem } from './registryEntries';
import { sentence } from './sentence';
import type { RegistrySettings } from './settings';

/** How this machine reaches a registry: a value of `ociArtifacts.machine`. Members as in `RegistrySettings`. */
export type MachineSettings = Pick<RegistrySettings, 'caFile' | 'clientCert' | 'clientKey' | 'resolve'>;

const MEMBERS = ['caFile', 'clientCert', 'clientKey', 'resolve'] as const;

/** What `ociArtifacts.machine` holds, by host, and why the rest is not understood. */
export interface MachineEntries {
  readonly entries: ReadonlyMap<string, MachineSettings>;
  readonly problems: readonly SettingProblem[];
}

/** Reads the value of `ociArtifacts.machine` as it stands in the user's file; undefined where there is none. */
export function readMachineEntries(value: unknown): MachineEntries {
  const entries = new Map<string, MachineSettings>();
  if (value === undefined) return { entries, problems: [] };
  if (!isObject(value)) {
    const text = 'The setting ociArtifacts.machine is no object of hosts.';
    return { entries, problems: [{ id: 'machine', text }] };
  }
  const problems = Object.entries(value).flatMap(([host, entry]): SettingProblem[] => {
    const reason = machineProblem(host, entry);
    if (reason === undefined) entries.set(host, entry as MachineSettings);
    return reason === undefined ? [] : [{ id: `machine[${host}]`, text: `${host}: ${reason}` }];
  });
  return { entries, problems };
}

/** Why an entry is not understood, as a sentence. */
function machineProblem(host: string, entry: unknown): string | undefined {
  const problem = registryProblem(host);
  if (problem !== undefined) return sentence(problem);
  if (!isObject(entry)) return 'Its value in ociArtifacts.machine is no object.';
  const wrong = MEMBERS.find((name) => name in entry && typeof entry[name] !== 'string');
  return wrong && `"${wrong}" in ociArtifacts.machine is not a text.`;
}

/** How a registry is reached: the machine's own members come first, a certificate with its own key. */
export function withMachine(entry: RegistrySettings, machine: MachineSettings = {}): RegistrySettings {
  const { clientKey, ...others } = entry;
  const keepsKey = machine.clientCert === undefined && clientKey !== undefined;
  return { ...others, ...(keepsKey && { clientKey }), ...machine };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
