import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CredentialEnvironment } from '../../../src/credentials/credentialEnvironment';

/** A home folder of its own for one test, with a docker config and a folder of programs. */
export interface CredentialHome {
  readonly folder: string;
  readonly configFile: string;
  readonly environment: CredentialEnvironment;
  writeConfig(content: unknown): Promise<void>;
  readConfig(): Promise<string>;
  /** Writes a file below the home folder. */
  write(name: string, content: unknown): Promise<void>;
  /** Makes `docker-credential-<name>` from the body of a shell script. */
  addHelper(name: string, script: string, where?: string): Promise<void>;
  remove(): Promise<void>;
}

/** Makes a home; the caller removes it. A text is written as it is, anything else as JSON. */
export async function makeCredentialHome(): Promise<CredentialHome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'credentials-'));
  const configFile = path.join(folder, '.docker', 'config.json');
  return {
    folder,
    configFile,
    environment: {
      variables: { PATH: `${path.join(folder, 'programs')}:/usr/bin:/bin` },
      homeFolder: folder,
      platform: process.platform,
    },
    writeConfig: (content) => write(configFile, content),
    write: (name, content) => write(path.join(folder, name), content),
    readConfig: () => readFile(configFile, 'utf8'),
    async addHelper(name, script, where = 'programs') {
      const program = path.join(folder, where, `docker-credential-${name}`);
      await mkdir(path.dirname(program), { recursive: true });
      await writeFile(program, `#!/bin/sh\n${script}\n`);
      await chmod(program, 0o755);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function write(file: string, content: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
}

/** A helper that keeps what it is given in files below its own folder, one a server. */
export const keepingHelper = `
kept="$(dirname "$0")/kept"; mkdir -p "$kept"
name() { printf %s "$1" | tr '/:' '__'; }
case "$1" in
  get) file="$kept/$(name "$(cat)")"
    if [ -f "$file" ]; then cat "$file"; else printf 'credentials not found in native keychain\\r\\n'; exit 1; fi ;;
  store) input=$(cat); server=$(printf %s "$input" | sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/')
    printf %s "$input" > "$kept/$(name "$server")" ;;
  erase) rm "$kept/$(name "$(cat)")" ;;
esac`;
