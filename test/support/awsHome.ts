import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A home folder for AWS's tools, in force in this process until `leave`. */
export interface AwsHome {
  readonly folder: string;
  /** Writes below `.aws`: `config`, `credentials`, `sso/cache/...`. */
  write(name: string, text: string): Promise<void>;
  /** Sets variables of AWS's tools, until `leave`. */
  set(variables: Readonly<Record<string, string>>): void;
  leave(): Promise<void>;
}

/** Nothing of the machine's own AWS configuration counts any more, nor its metadata service. */
export async function enterAwsHome(): Promise<AwsHome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'aws-home-'));
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  const own = { HOME: folder, USERPROFILE: folder, AWS_EC2_METADATA_DISABLED: 'true' };
  Object.assign(process.env, own);
  return {
    folder,
    set: (variables) => void Object.assign(process.env, variables),
    write: async (name, text) => {
      const file = path.join(folder, '.aws', name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    },
    leave: async () => {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
