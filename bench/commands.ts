import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from './measure';

/** Where the programs are. `env` has a home folder of its own. */
export interface Programs {
  readonly benchClient: string;
  readonly oras: string;
  readonly skopeo: string | undefined;
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

  get hasSkopeo(): boolean {
    return this.programs.skopeo !== undefined;
  }

  private skopeo(args: readonly string[], cwd: string): Command {
    const { skopeo = 'skopeo', env } = this.programs;
    const options = ['copy', '--quiet', '--preserve-digests', '--insecure-policy'];
    return { program: skopeo, args: [...options, ...args], cwd, env };
  }
}

const PLAIN = ['--plain-http', '--no-tty'];
