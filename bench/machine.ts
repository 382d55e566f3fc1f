import { execFileSync } from 'node:child_process';
import { arch, cpus, release, totalmem, type } from 'node:os';
import type { Programs } from './commands';

/** Where figures come from: they mean little without it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** This machine and the versions of what takes part. */
export function describeMachine({ oras, skopeo }: Programs, registry: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()} ${arch()}`,
    versions: {
      node: process.version,
      oras: versionOf(oras, 'version'),
      ...(skopeo && { skopeo: versionOf(skopeo, '--version') }),
      'docker-registry': versionOf(registry, '--version'),
    },
  };
}

/** One line for people. */
export function machineLine({ cpu, cores, memoryBytes, kernel, versions }: Machine): string {
  const memory = `${Math.round(memoryBytes / 1024 ** 3)} GiB`;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [`${cpu}, ${cores} cores, ${memory}`, kernel, ...programs].join('; ');
}

function versionOf(program: string, flag: string): string {
  const said = execFileSync(program, [flag], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+\S*/.exec(said)?.[0] ?? 'unknown';
}
