import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { arch, cpus, release, totalmem, type } from 'node:os';
import type { Programs } from './commands';

/** Where figures come from: they mean little without it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  /** SHA-256 by Node, one thread with nothing else to do: the least that a gigabyte takes. */
  readonly hashSecondsPerGib: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** This machine and the versions of what takes part. */
export function describeMachine({ oras, skopeo }: Programs, registry: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()} ${arch()}`,
    hashSecondsPerGib: hashSeconds(256) * 4,
    versions: {
      node: process.version,
      oras: versionOf(oras, 'version'),
      ...(skopeo && { skopeo: versionOf(skopeo, '--version') }),
      'docker-registry': versionOf(registry, '--version'),
    },
  };
}

/** One line for people. */
export function machineLine({
  cpu,
  cores,
  memoryBytes,
  kernel,
  hashSecondsPerGib,
  versions,
}: Machine): string {
  const memory = `${Math.round(memoryBytes / 1024 ** 3)} GiB`;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const hashing = `SHA-256 of 1 GiB in ${hashSecondsPerGib.toFixed(1)} s`;
  return [`${cpu}, ${cores} cores, ${memory}`, hashing, kernel, ...programs].join('; ');
}

function hashSeconds(mebibytes: number): number {
  const mebibyte = Buffer.alloc(1024 * 1024, 1);
  const hash = createHash('sha256');
  const startMs = performance.now();
  for (let count = 0; count < mebibytes; count++) hash.update(mebibyte);
  hash.digest();
  return (performance.now() - startMs) / 1000;
}

function versionOf(program: string, flag: string): string {
  const said = execFileSync(program, [flag], { encoding: 'utf8' });
  return /\d+\.\d+\.\d+\S*/.exec(said)?.[0] ?? 'unknown';
}
