import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Command } from './measure';

/** Where the programs are. `env` has a home folder of its own. */
export interface Programs {
  readonly benchClient: string;
  readonly oras: string;
  readonly skopeo: string | undefined;
  readonly curl: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** Makes the commands by which tools do jobs; each is used as its documentation shows it. */
export class Commands {
  constructor(private readonly programs: Programs) {}

  ours(args: readonly string[], cwd: string): Command {
    const { benchClient, env } = this.programs;
    return { program: process.execPath, args: [benchClient, ...args], cwd, env };
  }

  oras(args: readonly string[], cwd: string): Command {
    const { oras, env } = this.programs;
    return { program: oras, args, cwd, env };
  }

  /** Each file in `folder` is a file of the artifact. */
  async orasPush(reference: string, folder: string): Promise<Command> {
    return this.oras(['push', ...PLAIN, reference, ...(await readdir(folder)).sort()], folder);
  }

  orasPull(reference: string, folder: string): Command {
    return this.oras(['pull', ...PLAIN, reference], folder);
  }

  /** `layout` is `folder:tag`: skopeo pushes no plain files. */
  skopeoPush(reference: string, layout: string): Command {
    return this.skopeo(['--dest-tls-verify=false', `oci:${layout}`, `docker://${reference}`], '/');
  }

  skopeoPull(reference: string, folder: string): Command {
    const to = `oci:${path.join(folder, 'layout')}:bench`;
    return this.skopeo(['--src-tls-verify=false', `docker://${reference}`, to], folder);
  }

  /** POST and PUT of one file whose digest is known. */
  curlPush(blobs: string, file: string, digest: string): Command {
    const script =
      'place=$("$0" -sS -X POST -D - -o /dev/null "$1" | tr -d "\\r" | sed -n "s/^[Ll]ocation: //p") && ' +
      '"$0" -sSf -o /dev/null -H "Content-Type: application/octet-stream" -T "$2" "$place&digest=$3"';
    return this.shell(script, [`${blobs}uploads/`, file, digest]);
  }

  /** The digests in what a command prints, each once. */
  async digestsIn({ program, args, cwd, env }: Command): Promise<readonly string[]> {
    const { stdout } = await run(program, [...args], { cwd, env, maxBuffer: MAX_PRINTED_BYTES });
    return [...new Set(stdout.match(/sha256:[0-9a-f]{64}/g))];
  }

  /** GETs of what digests name, several at once. `place` is the address that digests are put behind. */
  curlGet(place: string, digests: readonly string[], folder: string): Command {
    const each = digests.flatMap((digest, index) => [
      `${place}${digest}`,
      '-o',
      path.join(folder, `${index}`),
    ]);
    const args = ['-sSf', '--parallel', '--parallel-max', '5', ...each];
    const { curl = 'curl', env } = this.programs;
    return { program: curl, args, cwd: folder, env };
  }

  private shell(script: string, args: readonly string[]): Command {
    const { curl = 'curl', env } = this.programs;
    return { program: 'sh', args: ['-c', script, curl, ...args], cwd: '/', env };
  }

  has(tool: 'skopeo' | 'curl'): boolean {
    return this.programs[tool] !== undefined;
  }

  private skopeo(args: readonly string[], cwd: string): Command {
    const { skopeo = 'skopeo', env } = this.programs;
    const options = ['copy', '--quiet', '--preserve-digests', '--insecure-policy'];
    return { program: skopeo, args: [...options, ...args], cwd, env };
  }
}

const run = promisify(execFile);
const MAX_PRINTED_BYTES = 16 * 1024 * 1024;
const PLAIN = ['--plain-http', '--no-tty'];
