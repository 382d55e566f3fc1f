import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { jwtClaims } from '../../src/oci/jwtClaims';
import { CredentialStoreError, NotFoundError, SignInRequiredError } from '../../src/oci/errors';
import type { Registry } from '../../src/targets/registry/registry';
import { systemClock } from '../../src/transport/clock';
import { OTHER_TENANT, startAcrStandIn, type AcrStandIn } from '../support/acrStandIn';
import { refreshToken } from '../support/acrTokens';
import { collect, pushArtifact, textBlob } from '../support/artifacts';
import { newAzureUser, type AzureUser } from '../support/azureUser';
import { makeCertificates, type Certificates } from '../support/certificates';
import { peerOrSkip } from '../support/peers';

const HOURS_MS = 60 * 60_000;

describe('Azure Container Registry, against a stand-in over TLS', function () {
  this.timeout(30_000);
  let certificates: Certificates;
  let acr: AcrStandIn;
  let user: AzureUser;
  let laterMs: number;
  let count = 0;

  before(async function () {
    peerOrSkip(this, 'docker-registry');
    certificates = await makeCertificates();
  });
  beforeEach(async function () {
    if (process.platform === 'win32') this.skip();
    laterMs = 0;
    const now = () => Date.now() + laterMs;
    acr = await startAcrStandIn({ tls: certificates, now });
    user = await newAzureUser(acr, { ca: certificates.ca, clock: { ...systemClock, now } });
  });
  afterEach(async () => {
    await user?.remove();
    await acr?.stop();
  });

  async function roundTrip(registry: Registry): Promise<void> {
    const name = `team/round-trip-${++count}`;
    const target = registry.repository(name);
    const blob = textBlob(`content of ${name}`);
    const manifest = await pushArtifact(target, [blob]);
    await target.tag(manifest, 'v1');
    await target.tag(manifest, 'v2');
    assert.deepEqual(await collect(registry.repositories({ pageSize: 1 })), [name]);
    assert.deepEqual(await buffer(await target.fetch(blob.descriptor)), blob.bytes);
    await target.untag('v1');
    assert.deepEqual(await collect(target.tags()), ['v2']);
    assert.equal(await target.exists(manifest.descriptor), true);
    await registry.removeRepository(name);
    assert.deepEqual(await collect(registry.repositories()), []);
  }

  describe('signs in, pushes, lists, pulls, removes a tag and deletes the repository', () => {
    it('with the id and password of a service principal', async () => {
      const credential = { kind: 'basic', ...acr.state.servicePrincipal } as const;
      const registry = user.registry({ credentialFor: async () => credential });
      assert.deepEqual(await registry.ping(), { access: 'credentials' });
      await roundTrip(registry);
      assert.ok(acr.requests.includes('GET /oauth2/token'));
    });

    it('with the Microsoft account of VS Code', async () => {
      assert.equal(await user.microsoft.signIn(acr.host), "VS Code's Microsoft account user@contoso.com");
      await roundTrip(user.registry());
      assert.ok(acr.requests.includes('POST /oauth2/token'));
    });

    it('with the login that "az acr login" left in docker\'s config', async () => {
      await user.leaveLogin(refreshToken(acr.state));
      await roundTrip(user.registry());
      assert.deepEqual(acr.exchanges, []);
    });

    it('with the Azure CLI, when it alone is signed in and nobody was asked', async () => {
      await user.cli.signIn(acr.host, refreshToken(acr.state));
      await roundTrip(user.registry());
      assert.deepEqual(await user.cli.calls(), [
        'acr login --name 127 --expose-token --output json --only-show-errors',
      ]);
    });
  });

  it('asks for no second token as long as the first is good, by its own word', async () => {
    const credential = { kind: 'basic', ...acr.state.servicePrincipal } as const;
    const registry = user.registry({ credentialFor: async () => credential });
    const asked = () => acr.requests.filter((line) => line === 'GET /oauth2/token').length;
    const push = () => pushArtifact(registry.repository('team/lasting'), [textBlob('content')]);
    await push();
    const before = asked();
    laterMs = 70 * 60_000;
    await push();
    assert.equal(asked(), before);
    laterMs = 76 * 60_000;
    await push();
    assert.ok(asked() > before);
  });

  describe('by Microsoft account', () => {
    it('sends the form that Azure documents', async () => {
      await user.microsoft.signIn(acr.host);
      const [{ access_token: token = '', ...form } = {}] = acr.exchanges.map((sent) =>
        Object.fromEntries(sent),
      );
      assert.deepEqual(form, { grant_type: 'access_token', service: acr.host, tenant: acr.state.tenant });
      assert.equal(jwtClaims(token)['aud'], 'https://management.azure.com');
      assert.equal(acr.requests.filter((line) => line === 'POST /oauth2/exchange').length, 1);
    });

    it('offers the tenants of the account', async () => {
      await user.microsoft.signIn(acr.host);
      const [question] = user.questions;
      assert.equal(question?.home, acr.state.tenant);
      assert.deepEqual(question?.tenants, [
        { id: OTHER_TENANT, name: 'Fabrikam' },
        { id: acr.state.tenant, name: 'Contoso', domain: 'contoso.com' },
      ]);
    });

    it('is refused in the wrong tenant, and keeps nothing', async () => {
      user.answers.tenant = OTHER_TENANT;
      await assert.rejects(user.microsoft.signIn(acr.host), isSignInRequired(true));
      assert.equal(await user.azure.credentials.get(acr.host), undefined);
      await assert.rejects(user.registry().ping(), isSignInRequired(false));
    });

    it('tries a token that is for registries where one for management is refused', async () => {
      acr.state.takesManagementTokens = false;
      await user.microsoft.signIn(acr.host);
      assert.deepEqual(user.sessions.at(-1), {
        provider: 'microsoft',
        scopes: ['https://containerregistry.azure.net/.default', `VSCODE_TENANT:${acr.state.tenant}`],
        account: { id: 'id-1', label: 'user@contoso.com' },
        silent: true,
      });
      await roundTrip(user.registry());
    });

    it('does nothing when the user backs out, of the account or of the tenant', async () => {
      user.answers.tenant = undefined;
      assert.equal(await user.microsoft.signIn(acr.host), undefined);
      user.answers.hasSession = false;
      assert.equal(await user.microsoft.signIn(acr.host), undefined);
      assert.deepEqual(acr.exchanges, []);
    });

    it('comes back silently in a new window, from what is remembered without a secret', async () => {
      await user.microsoft.signIn(acr.host);
      const window = user.newWindow();
      user.sessions.length = 0;
      await roundTrip(window.registry());
      assert.deepEqual(
        user.sessions.map(({ silent }) => silent),
        [true],
      );
      assert.doesNotMatch(JSON.stringify([...user.kept]), /eyJ/);
    });

    it('shares one exchange among those who ask at the same time', async () => {
      await user.microsoft.signIn(acr.host);
      const { credentials } = user.newWindow().azure;
      const found = await Promise.all([1, 2, 3].map(() => credentials.get(acr.host)));
      assert.equal(new Set(found.map((credential) => JSON.stringify(credential))).size, 1);
      assert.equal(acr.exchanges.length, 2);
    });

    it('renews the refresh token in the middle of work', async () => {
      await user.microsoft.signIn(acr.host);
      const target = user.registry().repository('team/long');
      const manifest = await pushArtifact(target, [textBlob('before')]);
      laterMs = 4 * HOURS_MS;
      await target.tag(manifest, 'after');
      assert.deepEqual(await collect(target.tags()), ['after']);
      assert.equal(acr.exchanges.length, 2);
    });

    it('renews it before its end', async () => {
      await user.microsoft.signIn(acr.host);
      laterMs = 3 * HOURS_MS - 9 * 60_000;
      await user.azure.credentials.get(acr.host);
      assert.equal(acr.exchanges.length, 2);
    });

    it('asks to sign in once the account is gone from VS Code', async () => {
      await user.microsoft.signIn(acr.host);
      user.answers.hasSession = false;
      await assert.rejects(user.newWindow().registry().ping(), isSignInRequired(false));
    });

    it('asks to sign in once the account was revoked', async () => {
      await user.microsoft.signIn(acr.host);
      const target = user.registry().repository('team/revoked');
      await pushArtifact(target, [textBlob('before')]);
      acr.state.isRevoked = true;
      laterMs = 4 * HOURS_MS;
      await assert.rejects(collect(target.tags()), isSignInRequired(true));
    });

    it('signs out, and stays out', async () => {
      await user.cli.signIn(acr.host, refreshToken(acr.state));
      await user.microsoft.signIn(acr.host);
      assert.match((await user.microsoft.signedInBy?.(acr.host)) ?? '', /user@contoso\.com/);
      await user.microsoft.signOut?.(acr.host);
      assert.equal(await user.microsoft.signedInBy?.(acr.host), undefined);
      await assert.rejects(user.registry().ping(), isSignInRequired(false));
    });
  });

  describe('by Azure CLI', () => {
    it("signs in when chosen, ahead of what docker's config holds", async () => {
      await user.leaveLogin('stale and useless');
      await user.cli.signIn(acr.host, refreshToken(acr.state));
      assert.equal(await user.cliWay.signIn(acr.host), 'the Azure CLI');
      assert.deepEqual(await user.registry().ping(), { access: 'credentials' });
    });

    it('takes over from an "az acr login" of hours ago', async () => {
      await user.leaveLogin(refreshToken(acr.state));
      laterMs = 4 * HOURS_MS;
      await user.cli.signIn(acr.host, refreshToken(acr.state));
      assert.deepEqual(await user.registry().ping(), { access: 'credentials' });
    });

    it('says what to do when nobody is signed in, and asks it no second time for a while', async () => {
      await assert.rejects(user.cliWay.signIn(acr.host), (error) => {
        return (
          error instanceof CredentialStoreError && /exit code 1; "az login" may help/.test(error.message)
        );
      });
      await assert.rejects(user.registry().ping(), isSignInRequired(false));
      await assert.rejects(user.registry().ping(), isSignInRequired(false));
      assert.equal((await user.cli.calls()).length, 2);
    });

    it('leaves a token alone that is for another registry of the same name', async () => {
      await user.cli.signIn('127.azurecr.io', refreshToken(acr.state));
      await assert.rejects(user.cliWay.signIn(acr.host), /signs in to 127\.azurecr\.io, which is not 127/);
    });

    it('signs out, and stays out', async () => {
      await user.cli.signIn(acr.host, refreshToken(acr.state));
      assert.equal(await user.cliWay.signedInBy?.(acr.host), 'the Azure CLI');
      await user.cliWay.signOut?.(acr.host);
      await assert.rejects(user.registry().ping(), isSignInRequired(false));
    });
  });

  it('walks the pages of the catalog as Azure links them', async () => {
    await user.microsoft.signIn(acr.host);
    const registry = user.registry();
    for (const name of ['a', 'b', 'c']) await pushArtifact(registry.repository(name), [textBlob(name)]);
    assert.deepEqual(await collect(registry.repositories({ pageSize: 2 })), ['a', 'b', 'c']);
  });

  it('tells a tag and a repository that are not there', async () => {
    await user.microsoft.signIn(acr.host);
    const registry = user.registry();
    await assert.rejects(registry.repository('nowhere').untag('v1'), NotFoundError);
    await assert.rejects(registry.removeRepository('nowhere'), NotFoundError);
  });
});

function isSignInRequired(credentialsSent: boolean) {
  return (error: unknown) =>
    error instanceof SignInRequiredError && error.credentialsSent === credentialsSent;
}
