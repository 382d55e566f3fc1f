import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Credential } from '../../../src/oci/credential';
import { CredentialStoreError } from '../../../src/oci/errors';
import { CredentialHelper } from '../../../src/credentials/credentialHelper';
import { makeCredentialHome, type CredentialHome } from './credentialHome';

describe('a credential helper', () => {
  let home: CredentialHome;
  const helper = (name = 'fake', timeLimitMs = 10_000) =>
    new CredentialHelper(name, { environment: home.environment, timeLimitMs });
  const written = (name: string) => readFile(path.join(home.folder, 'programs', name), 'utf8');

  beforeEach(async () => {
    home = await makeCredentialHome();
  });
  afterEach(() => home.remove());

  const answers: [what: string, script: string, expected: Credential | undefined][] = [
    [
      'a user and a secret',
      `echo '{"ServerURL":"r.io","Username":"u","Secret":"s"}'`,
      { kind: 'basic', username: 'u', password: 's' },
    ],
    [
      'an identity token',
      `echo '{"Username":"<token>","Secret":"s"}'`,
      { kind: 'identityToken', token: 's' },
    ],
    ['nothing kept', `echo 'credentials not found in native keychain'; exit 1`, undefined],
    [
      'nothing kept, with a Windows line end',
      `printf 'credentials not found in native keychain\\r\\n'; exit 1`,
      undefined,
    ],
    ['an empty object', `echo '{}'`, undefined],
    ['an answer that is null', `echo null`, undefined],
    ['an answer without a word', 'true', undefined],
    ['members that are null', `echo '{"ServerURL":null,"Username":null,"Secret":null}'`, undefined],
    [
      'members in any case',
      `echo '{"serverurl":"r.io","username":"u","SECRET":"s"}'`,
      { kind: 'basic', username: 'u', password: 's' },
    ],
    [
      'members in any case, the usual ones first',
      `echo '{"username":"x","Username":"u","Secret":"s","secret":"x"}'`,
      { kind: 'basic', username: 'u', password: 's' },
    ],
    ['an empty user and secret', `echo '{"Username":"","Secret":""}'`, undefined],
    [
      'an answer beside warnings',
      `yes 'warning: an old keychain' | head -c 500000 >&2; echo '{"Username":"u","Secret":"s"}'`,
      { kind: 'basic', username: 'u', password: 's' },
    ],
    [
      'an answer beside warnings that do not end',
      `sleep 5 >/dev/null & echo '{"Username":"u","Secret":"s"}'`,
      { kind: 'basic', username: 'u', password: 's' },
    ],
  ];
  for (const [what, script, expected] of answers) {
    it(`understands ${what}`, async () => {
      await home.addHelper('fake', script);
      assert.deepEqual(await helper().get('r.io'), expected);
    });
  }

  const failures: [what: string, script: string, message: RegExp][] = [
    [
      'more than the words for nothing kept',
      `echo 'credentials not found in native keychain: locked'; exit 1`,
      /"get" failed with exit code 1: credentials not found in native keychain: locked\./,
    ],
    ['those words with exit code 0', `echo 'credentials not found in native keychain'`, /not a JSON object/],
    ['an exit code without words', 'exit 3', /"get" failed with exit code 3\./],
    [
      'a failure behind an answer',
      `echo '{"Username":"u","Secret":"hunter2"}'; exit 1`,
      /"get" failed with exit code 1\./,
    ],
    [
      'what it says on stderr when it says nothing else',
      `echo 'error getting credentials - the keychain is locked.' >&2; exit 1`,
      /"get" failed with exit code 1: error getting credentials - the keychain is locked\.$/,
    ],
    [
      'stderr that could hold the secret',
      `echo 'debug: secret=hunter2' >&2; exit 1`,
      /"get" failed with exit code 1\.$/,
    ],
    ['stderr without end', `yes hunter2 | head -c 500000 | tr -d 'hunter2' >&2; exit 1`, /code 1\.$/],
    ['an answer that is not JSON', `echo 'hunter2'`, /not a JSON object/],
    ['an answer without a secret', `echo '{"Username":"hunter2"}'`, /no "Username" and "Secret"/],
    ['a secret that is a number', `echo '{"Username":"hunter2","Secret":5}'`, /no "Username" and "Secret"/],
    ['an answer that is a list', `echo '["hunter2"]'`, /not a JSON object/],
    ['an answer without end', 'yes hunter2', /larger than 262144 bytes/],
    ['its end by a signal', 'kill -9 $$', /ended by SIGKILL/],
  ];
  for (const [what, script, message] of failures) {
    it(`fails on ${what}`, async () => {
      await home.addHelper('fake', script);
      await assert.rejects(helper().get('r.io'), (error) => {
        assert.ok(error instanceof CredentialStoreError);
        assert.match(error.message, message);
        assert.ok(!error.message.includes('hunter2'));
        return true;
      });
    });
  }

  it('gives the server URL on stdin for get and erase, and JSON for store', async () => {
    await home.addHelper(
      'fake',
      'cat > "$(dirname "$0")/$1"; echo "$*" >> "$(dirname "$0")/arguments"; echo "{}"',
    );
    assert.equal(await helper().get('https://index.docker.io/v1/'), undefined);
    await helper().erase('r.io');
    await helper().store('r.io', { kind: 'basic', username: 'u"', password: 'p\\' });
    assert.equal(await written('get'), 'https://index.docker.io/v1/');
    assert.equal(await written('erase'), 'r.io');
    assert.equal(await written('store'), '{"ServerURL":"r.io","Username":"u\\"","Secret":"p\\\\"}');
    assert.equal(await written('arguments'), 'get\nerase\nstore\n');
    await helper().store('r.io', { kind: 'identityToken', token: 't' });
    assert.equal(
      await written('store'),
      '{"ServerURL":"r.io","Username":"\\u003ctoken\\u003e","Secret":"t"}',
    );
  });

  it('leaves the secret out of what a failed store says', async () => {
    await home.addHelper('fake', 'echo "cannot keep $(cat)."; exit 1');
    const secret: Credential = { kind: 'basic', username: 'u', password: 'hunter2' };
    await assert.rejects(helper().store('r.io', secret), (error) => {
      assert.ok(error instanceof CredentialStoreError);
      assert.match(error.message, /"store" failed with exit code 1\.$/);
      return true;
    });
  });

  const echoes: [spelling: string, script: string][] = [
    ['as it is', 'sed "s/.*Secret.:.//; s/.}//" >&2'],
    ['in base64', 'sed "s/.*Secret.:.\\(.*\\).}/u:\\1/" | tr -d "\\n" | base64 -w0'],
    ['with a percent sign for a space', 'sed "s/.*Secret.:.//; s/.}//; s/ /%20/g"'],
  ];
  for (const [spelling, script] of echoes) {
    it(`says nothing of what holds the secret ${spelling}`, async () => {
      await home.addHelper('fake', `${script}; exit 1`);
      const secret: Credential = { kind: 'basic', username: 'u', password: 'hunter2 and more' };
      await assert.rejects(helper().store('r.io', secret), /"store" failed with exit code 1\.$/);
      await home.addHelper('fake', 'cat > /dev/null; echo "the disk is full"; exit 1');
      await assert.rejects(helper().store('r.io', secret), /exit code 1: the disk is full\.$/);
    });
  }

  it('says so when a helper cannot store, as the one of Amazon ECR cannot', async () => {
    await home.addHelper('ecr-login', 'cat > /dev/null; echo "not implemented"; exit 1');
    await assert.rejects(
      helper('ecr-login').store('r.io', { kind: 'basic', username: 'AWS', password: 'hunter2' }),
      /^CredentialStoreError: docker-credential-ecr-login: "store" failed with exit code 1: not implemented\.$/,
    );
  });

  it('explains that the Windows keychain does not keep a long token', async () => {
    const script = `[ "$(wc -c)" -gt 2560 ] && { echo 'The stub received bad data.' >&2; exit 1; }; true`;
    for (const name of ['wincred', 'desktop']) {
      await home.addHelper(name, script);
      await helper(name).store('r.io', { kind: 'identityToken', token: 't'.repeat(2000) });
      await assert.rejects(
        helper(name).store('r.io', { kind: 'identityToken', token: 't'.repeat(3000) }),
        /stub received bad data; the token has 3000 bytes, and the Windows Credential Manager keeps at most 2560\.$/,
      );
    }
  });

  it('refuses a registry token, which helpers cannot keep', async () => {
    await home.addHelper('fake', 'true');
    await assert.rejects(helper().store('r.io', { kind: 'registryToken', token: 't' }), /registry token/);
  });

  it('does not mind a helper that never reads its input', async () => {
    await home.addHelper('fake', 'exec 0<&-; exit 0');
    await helper().store('r.io', { kind: 'basic', username: 'u', password: 'p'.repeat(200_000) });
  });

  it('ends a helper that hangs, with what it started', async () => {
    await home.addHelper('fake', 'sh -c \'echo $$ > "$0"; exec sleep 600\' "$(dirname "$0")/pid"; true');
    await assert.rejects(helper('fake', 500).get('r.io'), /"get" failed: it did not answer within 0.5 s/);
    const pid = Number(await written('pid'));
    while (isRunning(pid)) await setImmediate();
  });

  it('gives the abort reason when the wait is aborted', async () => {
    await home.addHelper('fake', 'exec sleep 600');
    const reason = new Error('enough');
    const controller = new AbortController();
    const waiting = helper().get('r.io', { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(waiting, reason);
  });

  for (const name of ['../fake', 'a/b', '', '-x', 'fake; true', 'a\\b', '..']) {
    it(`refuses the name "${name}"`, async () => {
      await home.addHelper('fake', `echo '{"Username":"u","Secret":"s"}'`);
      await assert.rejects(helper(name).get('r.io'), /letters, digits/);
    });
  }

  it('finds a helper in a usual folder that PATH lacks', async () => {
    await home.addHelper('fake', `echo '{"Username":"u","Secret":"s"}'`, '.local/bin');
    assert.deepEqual(await helper().get('r.io'), { kind: 'basic', username: 'u', password: 's' });
  });

  it('skips a relative folder of PATH and a file that is no program', async () => {
    await home.addHelper('fake', 'true', 'programs/docker-credential-fake');
    const variables = { PATH: `${path.relative(process.cwd(), home.folder)}:${home.folder}/programs` };
    const environment = { ...home.environment, variables };
    await assert.rejects(new CredentialHelper('fake', { environment }).get('r.io'), /not installed/);
  });
});

/** False as well for one that has ended and was not collected yet. */
function isRunning(pid: number): boolean {
  const state = process.platform === 'linux' ? linuxState(pid) : psState(pid);
  return state !== '' && !state.startsWith('Z');
}

function linuxState(pid: number): string {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) ? (readFileSync(file, 'utf8').split(') ')[1] ?? '') : '';
}

function psState(pid: number): string {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
}
