import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from './measure';

export type ToolName = 'oci-artifacts' | 'oras' | 'skopeo';
export type Verb = 'push' | 'pull';

/** A transfer between a folder and a tag of the registry. */
export interface Transfer {
  readonly verb: Verb;
  /** `host/repository:tag` */
  readonly reference: string;
  /** Of the files to push, or to pull into. */
  readonly folder: string;
}

/** Where the programs are. `layoutFolder` holds the load as an OCI layout: skopeo pushes no plain files. */
export interface Programs {
  readonly benchClient: string;
  readonly oras: string;
  readonly skopeo: string | undefined;
  readonly layoutFolder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The command by which a tool makes a transfer; each is used as its documentation shows it. */
export async function commandFor(tool: ToolName, transfer: Transfer, programs: Programs): Promise<Command> {
  const { program, args } = await lineFor(tool, transfer, programs);
  return { program, args, cwd: transfer.folder, env: programs.env };
}

async function lineFor(
  tool: ToolName,
  transfer: Transfer,
  programs: Programs,
): Promise<{ program: string; args: readonly string[] }> {
  switch (tool) {
    case 'oci-artifacts':
      return { program: process.execPath, args: ourArgs(transfer, programs) };
    case 'oras':
      return { program: programs.oras, args: await orasArgs(transfer) };
    case 'skopeo':
      return { program: programs.skopeo ?? 'skopeo', args: skopeoArgs(transfer, programs) };
  }
}

function ourArgs({ verb, reference, folder }: Transfer, { benchClient }: Programs): readonly string[] {
  return [benchClient, verb, reference, folder];
}

async function orasArgs({ verb, reference, folder }: Transfer): Promise<readonly string[]> {
  const common = ['--plain-http', '--no-tty', reference];
  return verb === 'pull' ? ['pull', ...common] : ['push', ...common, ...(await readdir(folder)).sort()];
}

function skopeoArgs({ verb, reference, folder }: Transfer, { layoutFolder }: Programs): readonly string[] {
  const remote = `docker://${reference}`;
  const options = ['copy', '--quiet', '--preserve-digests', '--insecure-policy'];
  return verb === 'push'
    ? [...options, '--dest-tls-verify=false', `oci:${layoutFolder}:bench`, remote]
    : [...options, '--src-tls-verify=false', remote, `oci:${path.join(folder, 'layout')}:bench`];
}
