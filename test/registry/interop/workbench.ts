import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { peer, type PeerName } from '../../support/peers';

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs the programs of others with a home of their own; all that they write lies below one folder. */
export class Workbench {
  /** Where the samples lie; programs start here. */
  readonly samples: string;

  constructor(readonly root: string) {
    this.samples = path.join(root, 'samples');
  }

  /** A folder that nobody has used. */
  scratch(): Promise<string> {
    return mkdtemp(path.join(this.root, 'scratch-'));
  }

  /** Runs a program to its end and resolves with its standard output. Errors: Error with what it said. */
  run(name: PeerName | 'tar', args: readonly string[], cwd: string = this.samples): Promise<Buffer> {
    const program = name === 'tar' ? name : peer(name);
    const home = path.join(this.root, 'home');
    const env = { ...process.env, HOME: home, DOCKER_CONFIG: path.join(home, '.docker') };
    const options = { cwd, env, encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES } as const;
    return new Promise((resolve, reject) => {
      const child = execFile(program, args, options, (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        reject(new Error(`${name} ${args.join(' ')}\n${stderr.toString()}${stdout.toString()}`));
      });
      child.stdin?.end();
    });
  }

  /** The version that a program tells about itself. Errors: Error when it tells none. */
  async versionOf(name: PeerName): Promise<string> {
    const told = (await this.run(name, name === 'skopeo' ? ['--version'] : ['version'])).toString();
    const version = /\d+\.\d+(?:\.\d+)?/.exec(told)?.[0];
    if (version === undefined) throw new Error(`${name} does not tell its version: ${told}`);
    return version;
  }
}
