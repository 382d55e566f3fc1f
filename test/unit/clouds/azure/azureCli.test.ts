import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AzureCli } from '../../../../src/clouds/azure/azureCli';
import { findAzureCli } from '../../../../src/clouds/azure/azureCliProgram';
import { CredentialStoreError } from '../../../../src/oci/errors';

describe('the Azure CLI', () => {
  let folder: string;
  beforeEach(async function () {
    if (process.platform === 'win32') this.skip();
    folder = await mkdtemp(path.join(tmpdir(), 'az-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const program = (file: string, text = '#!/bin/sh\n') => writeFile(file, text, { mode: 0o755 });
  const environment = (variables: Readonly<Record<string, string>>, platform: NodeJS.Platform = 'linux') => ({
    variables,
    homeFolder: folder,
    platform,
  });
  const ask = async (script: string, host = 'contoso.azurecr.io', timeLimitMs = 10_000) => {
    await program(path.join(folder, 'az'), `#!/bin/sh\n${script}\n`);
    const cli = new AzureCli({ environment: environment({ PATH: `${folder}:/usr/bin:/bin` }), timeLimitMs });
    return cli.registryToken(host);
  };

  it('is found in the usual folders when PATH is short', async () => {
    const bin = path.join(folder, '.local/bin');
    await mkdir(bin, { recursive: true });
    await program(path.join(bin, 'az'));
    const found = await findAzureCli(environment({ PATH: '/nowhere' }));
    assert.deepEqual(found, { program: path.join(bin, 'az'), args: [] });
  });

  it('is run by its own Python on Windows, since a batch file needs a shell', async () => {
    const installed = path.join(folder, 'Microsoft SDKs/Azure/CLI2');
    await mkdir(path.join(installed, 'wbin'), { recursive: true });
    await program(path.join(installed, 'wbin/az.cmd'));
    await program(path.join(installed, 'python.exe'));
    const found = await findAzureCli(environment({ ProgramFiles: folder }, 'win32'));
    assert.deepEqual(found, { program: path.join(installed, 'python.exe'), args: ['-IBm', 'azure.cli'] });
  });

  it('is said to be missing where it is', async () => {
    const answer = await new AzureCli({ environment: environment({ PATH: folder }) }).registryToken('x');
    assert.equal(answer.kind === 'none' && /not installed/.test(answer.reason), true);
  });

  it('is asked by the name of the registry, without its domain label', async () => {
    const said = `echo '{"loginServer":"Contoso-a1b2.azurecr.io","accessToken":"'$4'"}'`;
    assert.deepEqual(await ask(said, 'contoso-a1b2.azurecr.io'), { kind: 'token', token: 'contoso' });
  });

  it('gives the refresh token where it names both', async () => {
    const said = `echo '{"loginServer":"contoso.azurecr.io","accessToken":"a","refreshToken":"r"}'`;
    assert.deepEqual(await ask(said), { kind: 'token', token: 'r' });
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['says nothing', 'exit 0', /without a token and a login server/],
    ['says what is no JSON', `echo 'secret-of-user'`, /without a token and a login server/],
    [
      'gives no login server',
      `echo '{"accessToken":"secret-of-user"}'`,
      /without a token and a login server/,
    ],
    ['hangs', 'sleep 60', /did not answer within 0\.2 s/],
  ];
  for (const [what, script, message] of broken) {
    it(`fails without a secret in the message when it ${what}`, async () => {
      await assert.rejects(ask(script, 'contoso.azurecr.io', what === 'hangs' ? 200 : 10_000), (error) => {
        assert.ok(error instanceof CredentialStoreError);
        assert.match(error.message, message);
        return !error.message.includes('secret-of-user');
      });
    });
  }
});
