import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A program `az` in a folder of its own. */
export interface AzureCliStandIn {
  readonly folder: string;
  /** Signs in: from now on the token is for this registry. */
  signIn(loginServer: string, token: string): Promise<void>;
  signOut(): Promise<void>;
  /** The arguments of each call, one line a call. */
  calls(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/**
 * A script that stands in for the Azure CLI: it answers `az acr login --expose-token --output json` in the form that the
 * CLI documents (2.60 and later), and ends with 1 when nobody is signed in. The CLI itself needs Azure and did not run.
 */
export async function makeAzureCli(): Promise<AzureCliStandIn> {
  const folder = await mkdtemp(path.join(tmpdir(), 'az-stand-in-'));
  const answer = path.join(folder, 'answer.json');
  const calls = path.join(folder, 'calls');
  const script = `#!/bin/sh
echo "$*" >> '${calls}'
case "$*" in
  'acr login --name '*' --expose-token --output json'*) ;;
  *) echo 'unexpected arguments' >&2; exit 2 ;;
esac
if [ ! -f '${answer}' ]; then echo "Please run 'az login' to setup account." >&2; exit 1; fi
echo 'You can perform manual login using the provided refresh token below' >&2
cat '${answer}'
`;
  await writeFile(path.join(folder, 'az'), script, { mode: 0o755 });
  await writeFile(calls, '');
  return {
    folder,
    signIn: (loginServer, token) => {
      const username = '00000000-0000-0000-0000-000000000000';
      const said = { accessToken: token, loginServer, refreshToken: token, username };
      return writeFile(answer, JSON.stringify(said, undefined, 2));
    },
    signOut: () => rm(answer, { force: true }),
    calls: async () => (await readFile(calls, 'utf8')).split('\n').filter(Boolean),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
