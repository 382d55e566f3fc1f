import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { expandHome } from './expandHome';
import type { PemPurpose } from './connectionFiles';
import type { MachineSettings } from './machineEntries';
import type { RegistrySettings } from './settings';

/** A file of a registry's entry that is not on this machine. */
export interface MissingFile {
  readonly purpose: PemPurpose;
  /** As the entry names it. */
  readonly file: string;
}

const FILES = [
  ['caFile', 'CA file'],
  ['clientCert', 'client certificate'],
  ['clientKey', 'client key'],
] as const;

/**
 * Looks for the files that `ociArtifacts.registries` names: the setting travels between machines, and the files do not.
 * What the machine's own setting replaces is not looked for.
 */
export class MissingFiles {
  private readonly known = new Map<string, readonly MissingFile[]>();

  /** What was missing when it was looked for last. Looks again, and calls back where that has changed. */
  lastKnown(
    entry: RegistrySettings,
    machine: MachineSettings | undefined,
    onChange: () => void,
  ): readonly MissingFile[] {
    const before = this.known.get(entry.host) ?? [];
    void this.look(entry, machine).then((now) => {
      if (!isDeepStrictEqual(before, now)) onChange();
    });
    return before;
  }

  /** A file that is there and cannot be read is not missing. */
  private async look(
    entry: RegistrySettings,
    machine: MachineSettings | undefined,
  ): Promise<readonly MissingFile[]> {
    const named = FILES.flatMap(([member, purpose]) => {
      const file = isReplaced(member, machine) ? undefined : entry[member];
      return file === undefined ? [] : [{ purpose, file }];
    });
    const missing = await Promise.all(named.map(({ file }) => isMissing(file)));
    const now = named.filter((_file, at) => missing[at]);
    this.known.set(entry.host, now);
    return now;
  }
}

function isReplaced(member: (typeof FILES)[number][0], machine: MachineSettings = {}): boolean {
  const own = member === 'clientKey' ? (machine.clientKey ?? machine.clientCert) : machine[member];
  return own !== undefined;
}

async function isMissing(file: string): Promise<boolean> {
  try {
    await stat(expandHome(file));
    return false;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
