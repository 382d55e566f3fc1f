import assert from 'node:assert/strict';
import { AwsEcrApi } from '../../../../src/clouds/amazon/awsEcrApi';
import { AwsSessions } from '../../../../src/clouds/amazon/awsSessions';
import { NotFoundError, SignInRequiredError } from '../../../../src/oci/errors';
import { collect } from '../../../support/artifacts';
import { enterAwsHome, type AwsHome } from '../../../support/awsHome';
import { createAws } from '../../../support/awsProgram';
import { startScriptedServer, type ScriptedServer, type SeenRequest } from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** What moto does not do: pages, the public registry, refusals. The answers are those of AWS's API references. */
describe('the API of Amazon ECR', () => {
  let home: AwsHome;
  let server: ScriptedServer;
  let answers: Readonly<Record<string, (input: Record<string, unknown>) => object>>;
  let api: AwsEcrApi;

  beforeEach(async () => {
    home = await enterAwsHome();
    server = await startScriptedServer((request) => {
      const { status = 200, ...body } = answers[actionOf(request)]?.(inputOf(request)) as { status?: number };
      return { status, body: JSON.stringify(body) };
    });
    home.set({ AWS_ENDPOINT_URL: `http://${server.host}`, AWS_MAX_ATTEMPTS: '1' });
    home.set({ AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret' });
    const clock = new TestClock();
    api = new AwsEcrApi(new AwsSessions({ load: createAws, settingsOf: () => ({}), clock }));
  });
  afterEach(async () => {
    await server.stop();
    await home.leave();
  });

  const actionOf = ({ headers }: SeenRequest) => String(headers['x-amz-target']).split('.')[1] ?? '';
  const inputOf = ({ body }: SeenRequest) => JSON.parse(body.toString()) as Record<string, unknown>;
  const seen = () => server.seen.map((request) => [actionOf(request), inputOf(request)]);
  const listed = async (where: string, options = {}) =>
    collect((await api.repositories(where, options)) ?? assert.fail('no credentials'));

  it('is asked for a page when its first name is wanted, of the account that the host names', async () => {
    answers = {
      DescribeRepositories: ({ nextToken }) =>
        nextToken === 'more'
          ? { repositories: [{ repositoryName: 'c' }] }
          : { repositories: [{ repositoryName: 'a' }, { repositoryName: 'b' }], nextToken: 'more' },
    };
    const list = (await api.repositories(host, { pageSize: 2 })) ?? assert.fail();
    assert.deepEqual(seen(), []);
    const names = list[Symbol.asyncIterator]();
    assert.equal((await names.next()).value, 'a');
    assert.equal((await names.next()).value, 'b');
    const page = { registryId: '123456789012', maxResults: 2 };
    assert.deepEqual(seen(), [['DescribeRepositories', page]]);
    assert.equal((await names.next()).value, 'c');
    assert.deepEqual(seen()[1], ['DescribeRepositories', { ...page, nextToken: 'more' }]);
    assert.equal((await names.next()).done, true);
    assert.deepEqual(await listed(host, { last: 'b', pageSize: 5000 }), ['c']);
    assert.equal(seen()[2]?.[1] && inputOf(server.seen[2] as SeenRequest)['maxResults'], 1000);
  });

  it('removes a repository with what is in it', async () => {
    answers = { DeleteRepository: () => ({ repository: {} }) };
    await api.removeRepository(host, 'team/app');
    const input = { registryId: '123456789012', repositoryName: 'team/app', force: true };
    assert.deepEqual(seen(), [['DeleteRepository', input]]);
  });

  it('says what is missing, and which right', async () => {
    answers = {
      DeleteRepository: () => ({ status: 400, __type: 'RepositoryNotFoundException', message: 'gone' }),
      CreateRepository: () => ({ status: 400, __type: 'AccessDeniedException', message: 'may not' }),
    };
    await assert.rejects(api.removeRepository(host, 'team/app'), (error) => {
      assert.ok(error instanceof NotFoundError);
      return /team\/app was not found/.test(error.message);
    });
    await assert.rejects(api.createRepository(host, 'team/app'), (error) => {
      assert.ok(error instanceof SignInRequiredError);
      assert.match(
        error.message,
        /ecr:CreateRepository \(eu-west-1\) answered 400 \(AccessDeniedException: may not\)/,
      );
      return true;
    });
  });

  it('ends with the abort reason', async () => {
    const controller = new AbortController();
    const reason = new DOMException('stop', 'AbortError');
    answers = {
      CreateRepository: () => {
        controller.abort(reason);
        return {};
      },
    };
    await assert.rejects(
      api.createRepository(host, 'x', { signal: controller.signal }),
      (error) => error === reason,
    );
  });

  describe('of public registries', () => {
    beforeEach(() => {
      answers = {
        DescribeRepositories: () => ({
          repositories: [{ repositoryName: 'team/app', repositoryUri: 'public.ecr.aws/a1b2c3/team/app' }],
        }),
        DescribeRegistries: () => ({ registries: [{ aliases: [{ name: 'a1b2c3' }, { name: 'acme' }] }] }),
        CreateRepository: () => ({ repository: {} }),
        DeleteRepository: () => ({ repository: {} }),
      };
    });

    it('lists the names with their alias, as references have them', async () => {
      assert.deepEqual(await listed('public.ecr.aws'), ['a1b2c3/team/app']);
    });

    it('takes the alias off, which the API does not want', async () => {
      await api.createRepository('public.ecr.aws', 'acme/team/new');
      await api.removeRepository('public.ecr.aws', 'a1b2c3/team/app');
      assert.deepEqual(seen()[1], ['CreateRepository', { repositoryName: 'team/new' }]);
      assert.deepEqual(seen()[3], ['DeleteRepository', { repositoryName: 'team/app', force: true }]);
    });

    it("refuses another account's alias, in whose place it would touch a repository of its own", async () => {
      for (const name of ['docker/library', 'acme'])
        await assert.rejects(
          api.removeRepository('public.ecr.aws', name),
          /its account has no public registry "(docker|acme)" \(it has: a1b2c3, acme\)/,
        );
      assert.ok(!seen().some(([action]) => action === 'DeleteRepository'));
    });
  });
});
