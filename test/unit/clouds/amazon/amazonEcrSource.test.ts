import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { AmazonEcrSource } from '../../../../src/clouds/amazon/amazonEcrSource';
import { CredentialChain } from '../../../../src/credentials/credentialChain';
import type { CredentialSource } from '../../../../src/credentials/credentialStore';
import { AwsSessions, type EcrSettings } from '../../../../src/clouds/amazon/awsSessions';
import type { Credential } from '../../../../src/oci/credential';
import { CredentialStoreError } from '../../../../src/oci/errors';
import { enterAwsHome, type AwsHome } from '../../../support/awsHome';
import { createAws } from '../../../support/awsProgram';
import { startScriptedServer, type ScriptedServer, type SeenRequest } from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';
import { documentedToken } from './documentedAnswers';

const HOUR_MS = 60 * 60_000;
const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** The AWS SDK is real; AWS's answers are those of its documentation, given by a server of this test. */
describe('the password of Amazon ECR', () => {
  let home: AwsHome;
  let clock: TestClock;
  let server: ScriptedServer;
  let settings: EcrSettings;
  /** How AWS answers; by default with a password that is good for 12 hours. */
  let answer: (request: SeenRequest) => { status?: number; body: string } | { hang: true };
  let source: AmazonEcrSource;

  beforeEach(async () => {
    home = await enterAwsHome();
    clock = new TestClock();
    settings = {};
    let count = 0;
    answer = () => documentedToken(`AWS:password-${++count}`, clock.now() + 12 * HOUR_MS);
    server = await startScriptedServer((request) => answer(request));
    home.set({ AWS_ENDPOINT_URL: `http://${server.host}`, AWS_MAX_ATTEMPTS: '1' });
    const load = () => createAws({ metadataTimeoutMs: 30 });
    const sessions = new AwsSessions({ load, settingsOf: () => settings, clock });
    source = new AmazonEcrSource({ sessions, clock });
  });
  afterEach(async () => {
    await server.stop();
    await home.leave();
  });

  const useKeys = () => home.set({ AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret' });
  const basic = (password: string) => ({ kind: 'basic', username: 'AWS', password });

  it('comes from GetAuthorizationToken in the region of the host', async () => {
    useKeys();
    assert.deepEqual(await source.get(host), basic('password-1'));
    const [request] = server.seen;
    assert.equal(
      request?.headers['x-amz-target'],
      'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    );
    assert.match(request?.headers.authorization ?? '', /Credential=AKIATEST\/\d+\/eu-west-1\/ecr\//);
  });

  it('of the public registry comes from its own API in us-east-1', async () => {
    useKeys();
    answer = () => documentedToken('AWS:public', clock.now() + 12 * HOUR_MS, 'public');
    assert.deepEqual(await source.get('public.ecr.aws'), basic('public'));
    const [request] = server.seen;
    assert.equal(request?.headers['x-amz-target'], 'SpencerFrontendService.GetAuthorizationToken');
    assert.match(request?.headers.authorization ?? '', /\/us-east-1\/ecr-public\//);
  });

  it('is not looked for on other hosts', async () => {
    useKeys();
    assert.equal(await source.get('ghcr.io'), undefined);
    settings = { kind: 'generic' };
    assert.equal(await source.get(host), undefined);
    assert.deepEqual(server.lines(), []);
  });

  it('is kept, and renewed an hour before its 12 hours end', async () => {
    useKeys();
    await source.get(host);
    clock.advance(11 * HOUR_MS - 1);
    assert.deepEqual(await source.get(host), basic('password-1'));
    clock.advance(1);
    assert.deepEqual(await source.get(host), basic('password-2'));
  });

  it('stays in use to its end when it cannot be renewed', async () => {
    useKeys();
    await source.get(host);
    answer = () => ({ status: 500, body: '{"__type":"ServerException"}' });
    clock.advance(12 * HOUR_MS - 1);
    assert.deepEqual(await source.get(host), basic('password-1'));
    clock.advance(1);
    await assert.rejects(source.get(host), CredentialStoreError);
  });

  it('is asked for once by all who want it at the same time, each for itself', async () => {
    useKeys();
    const controller = new AbortController();
    const reason = new DOMException('stop', 'AbortError');
    const aborted = assert.rejects(
      source.get(host, { signal: controller.signal }),
      (error) => error === reason,
    );
    const others = [source.get(host), source.get(host)];
    controller.abort(reason);
    await aborted;
    assert.deepEqual(await Promise.all(others), [basic('password-1'), basic('password-1')]);
    assert.equal(server.seen.length, 1);
  });

  it('is kept for each host and profile', async () => {
    await home.write(
      'credentials',
      ['a', 'b']
        .map((name) => `[${name}]\naws_access_key_id = ${name}\naws_secret_access_key = x\n`)
        .join(''),
    );
    for (const awsProfile of ['a', 'b', 'a']) {
      settings = { awsProfile };
      await source.get(host);
    }
    assert.deepEqual(
      server.seen.map(({ headers }) => /Credential=(\w)/.exec(headers.authorization ?? '')?.[1]),
      ['a', 'b'],
    );
  });

  it('comes first where the user chose a profile, and not otherwise', async () => {
    useKeys();
    const docker: Credential = { kind: 'basic', username: 'docker', password: 'p' };
    const earlier: CredentialSource = {
      id: 'dockerConfig',
      label: 'Docker config',
      get: async () => docker,
    };
    const chain = new CredentialChain([earlier, source]);
    assert.deepEqual(await chain.credentialFor(host), docker);
    await home.write('credentials', '[mine]\naws_access_key_id = k\naws_secret_access_key = x\n');
    settings = { awsProfile: 'mine' };
    assert.deepEqual(await chain.credentialFor(host), basic('password-1'));
  });

  it('takes the keys that a credential_process prints', async () => {
    const keys = { Version: 1, AccessKeyId: 'FROMPROCESS', SecretAccessKey: 'x' };
    await home.write('keys.json', JSON.stringify(keys));
    await home.write('config', `[profile p]\ncredential_process = cat "${home.folder}/.aws/keys.json"\n`);
    settings = { awsProfile: 'p' };
    await source.get(host);
    assert.match(server.seen[0]?.headers.authorization ?? '', /Credential=FROMPROCESS/);
  });

  it('is nothing where there are no AWS credentials, and AWS is not asked', async () => {
    assert.equal(await source.get(host), undefined);
    assert.equal(await source.get('public.ecr.aws'), undefined);
    assert.deepEqual(server.lines(), []);
  });

  it('is not waited for where no metadata service answers, and not looked for again for 5 minutes', async () => {
    const silent = await startScriptedServer(() => ({ hang: true }));
    home.set({
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://${silent.host}`,
    });
    try {
      assert.equal(await source.get(host), undefined);
      const asked = silent.seen.length;
      assert.ok(asked > 0 && asked <= 2, `${asked} requests`);
      clock.advance(5 * 60_000 - 1);
      assert.equal(await source.get(host), undefined);
      assert.equal(silent.seen.length, asked);
      clock.advance(1);
      assert.equal(await source.get(host), undefined);
      assert.ok(silent.seen.length > asked);
    } finally {
      await silent.stop();
    }
  });

  it('comes by the role of a machine, from its metadata service', async () => {
    const metadata = await startScriptedServer(({ line }) => {
      if (line.startsWith('PUT /latest/api/token')) return { body: 'token' };
      if (line.endsWith('/security-credentials/')) return { body: 'role' };
      const expires = new Date(Date.now() + HOUR_MS).toISOString();
      const keys = { AccessKeyId: 'FROMROLE', SecretAccessKey: 'x', Token: 't', Expiration: expires };
      return { body: JSON.stringify({ Code: 'Success', ...keys }) };
    });
    home.set({
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://${metadata.host}`,
    });
    try {
      assert.deepEqual(await source.get(host), basic('password-1'));
      assert.match(server.seen[0]?.headers.authorization ?? '', /Credential=FROMROLE/);
    } finally {
      await metadata.stop();
    }
  });

  describe('with single sign-on that has ended', () => {
    const startUrl = 'https://example.awsapps.com/start';
    const cache = (key: string) => `sso/cache/${createHash('sha1').update(key).digest('hex')}.json`;
    const ended = { accessToken: 'sso-secret', expiresAt: '2020-01-01T00:00:00Z' };
    const role = 'sso_account_id = 123456789012\nsso_role_name = dev\n';

    const forms: Readonly<Record<string, () => Promise<void>>> = {
      'of a profile': async () => {
        await home.write(
          'config',
          `[profile dev]\nsso_start_url = ${startUrl}\nsso_region = eu-west-1\n${role}`,
        );
        await home.write(cache(startUrl), JSON.stringify(ended));
      },
      'of a session': async () => {
        const session = `[sso-session s]\nsso_start_url = ${startUrl}\nsso_region = eu-west-1\n`;
        await home.write('config', `[profile dev]\nsso_session = s\n${role}${session}`);
        await home.write(cache('s'), JSON.stringify(ended));
      },
      'that was never opened': async () => {
        const session = `[sso-session s]\nsso_start_url = ${startUrl}\nsso_region = eu-west-1\n`;
        await home.write('config', `[profile dev]\nsso_session = s\n${role}${session}`);
      },
    };
    for (const [name, write] of Object.entries(forms)) {
      for (const how of ['chosen', 'by AWS_PROFILE']) {
        it(`${name}, ${how}: says which command signs in again`, async () => {
          await write();
          if (how === 'chosen') settings = { awsProfile: 'dev' };
          else home.set({ AWS_PROFILE: 'dev' });
          await assert.rejects(source.get(host), (error) => {
            assert.ok(error instanceof CredentialStoreError);
            assert.match(error.message, /AWS profile "dev".*run "aws sso login --profile dev"/);
            assert.ok(!error.message.includes('sso-secret'));
            return true;
          });
        });
      }
    }
  });

  describe('with single sign-on that is in force', () => {
    beforeEach(async () => {
      const session =
        '[sso-session s]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n';
      const role = 'sso_account_id = 123456789012\nsso_role_name = dev\n';
      await home.write('config', `[profile dev]\nsso_session = s\n${role}${session}`);
      const token = { accessToken: 'sso-secret', expiresAt: new Date(Date.now() + HOUR_MS).toISOString() };
      await home.write(
        `sso/cache/${createHash('sha1').update('s').digest('hex')}.json`,
        JSON.stringify(token),
      );
      settings = { awsProfile: 'dev' };
    });

    it('takes the keys of the role', async () => {
      const keys = {
        accessKeyId: 'FROMSSO',
        secretAccessKey: 'x',
        sessionToken: 't',
        expiration: Date.now() + HOUR_MS,
      };
      answer = ({ line }) =>
        line.startsWith('GET /federation/credentials')
          ? { body: JSON.stringify({ roleCredentials: keys }) }
          : documentedToken('AWS:p', clock.now() + 12 * HOUR_MS);
      assert.deepEqual(await source.get(host), basic('p'));
      assert.match(server.seen[1]?.headers.authorization ?? '', /Credential=FROMSSO/);
    });

    it('says which command signs in again when the portal no longer knows the session', async () => {
      const body = '{"message":"Session token not found or invalid","__type":"UnauthorizedException"}';
      answer = () => ({ status: 401, body });
      await assert.rejects(source.get(host), /run "aws sso login --profile dev"/);
    });

    it('does not blame the session for a network that is down', async () => {
      await server.stop();
      await assert.rejects(source.get(host), /Cannot reach AWS's sign-in for .*ECONNREFUSED/);
    });
  });

  describe('that AWS refuses', () => {
    beforeEach(() => {
      home.set({
        AWS_ACCESS_KEY_ID: 'AKIATEST',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_SESSION_TOKEN: 'canary',
      });
    });
    const refuse = (type: string, message: string) => () => ({
      status: 400,
      body: JSON.stringify({ __type: type, message }),
    });

    it('names keys that are past their time', async () => {
      answer = refuse('ExpiredTokenException', 'The security token included in the request is expired');
      await assert.rejects(
        source.get(host),
        /AWS refused its keys \(ExpiredTokenException: The security token/,
      );
    });

    it('names the right that is missing', async () => {
      answer = refuse(
        'AccessDeniedException',
        'User x is not authorized to perform: ecr:GetAuthorizationToken',
      );
      await assert.rejects(source.get(host), (error) => {
        assert.ok(error instanceof CredentialStoreError);
        assert.match(error.message, /ecr:GetAuthorizationToken \(eu-west-1\).*not authorized to perform/);
        return true;
      });
    });

    it('keeps the session token out of the error, which AWS quotes', async () => {
      const quoted = 'The Canonical String for this request should have been\nx-amz-security-token:canary';
      answer = refuse('InvalidSignatureException', `The signature does not match.\n\n${quoted}`);
      await assert.rejects(source.get(host), (error) => {
        for (let at: unknown = error; at instanceof Error; at = at.cause)
          assert.ok(!at.message.includes('canary'));
        return true;
      });
    });

    for (const type of ['InvalidSignatureException', 'AccessDeniedException', 'ServerException']) {
      it(`has the keys taken out of what a server repeats as ${type}`, async () => {
        home.set({ AWS_SECRET_ACCESS_KEY: 'canary-key' });
        answer = ({ headers }) =>
          refuse(type, `no: ${String(headers['x-amz-security-token'])} ${headers.authorization}`)();
        await assert.rejects(source.get(host), (error) => {
          for (let at: unknown = error; at instanceof Error; at = at.cause)
            assert.doesNotMatch(JSON.stringify([at.message, at]), /canary|AKIATEST/);
          assert.match((error as Error).message, /no: \(secret\) AWS4-HMAC-SHA256 Credential=\(secret\)/);
          return true;
        });
      });
    }

    it('leaves the public registry open to all, and does not ask each time', async () => {
      answer = refuse('AccessDeniedException', 'no');
      assert.equal(await source.get('public.ecr.aws'), undefined);
      assert.equal(await source.get('public.ecr.aws'), undefined);
      assert.equal(server.seen.length, 1);
    });

    it('says so of an answer without a password', async () => {
      answer = () => ({ body: '{"authorizationData":[]}' });
      await assert.rejects(source.get(host), /answered without an authorization token/);
      answer = () => documentedToken('no colon', clock.now());
      await assert.rejects(source.get(host), /is not a user name and a password/);
    });
  });

  it('names an AWS that cannot be reached', async () => {
    useKeys();
    await server.stop();
    await turn();
    await assert.rejects(source.get(host), /Cannot reach the AWS API in eu-west-1.*ECONNREFUSED/);
  });
});
