import assert from 'node:assert/strict';
import { HelmConfig, helmConfigPath } from '../../../src/credentials/helmConfig';
import { makeCredentialHome } from './credentialHome';

describe("Helm's logins", () => {
  const places: [variables: Record<string, string>, platform: NodeJS.Platform, file: string][] = [
    [{}, 'linux', '/home/me/.config/helm/registry/config.json'],
    [{}, 'darwin', '/home/me/Library/Preferences/helm/registry/config.json'],
    [{ APPDATA: '/roaming' }, 'win32', '/roaming/helm/registry/config.json'],
    [{ XDG_CONFIG_HOME: '/etc/me' }, 'linux', '/etc/me/helm/registry/config.json'],
    [{ HELM_CONFIG_HOME: '/helm', XDG_CONFIG_HOME: '/x' }, 'linux', '/helm/registry/config.json'],
    [{ HELM_REGISTRY_CONFIG: '/r.json', HELM_CONFIG_HOME: '/helm' }, 'linux', '/r.json'],
  ];
  for (const [variables, platform, file] of places) {
    it(`are in ${file} with ${JSON.stringify(variables)} on ${platform}`, () =>
      assert.equal(helmConfigPath({ variables, platform, homeFolder: '/home/me' }), file));
  }

  it('are read, and named as the place', async () => {
    const home = await makeCredentialHome();
    try {
      const auth = Buffer.from('u:p').toString('base64');
      await home.write('.config/helm/registry/config.json', { auths: { 'r.io': { auth } } });
      const source = new HelmConfig({ environment: { ...home.environment, platform: 'linux' } });
      assert.deepEqual(await source.get('r.io'), { kind: 'basic', username: 'u', password: 'p' });
      const place = `the entry "r.io" of ${home.folder}/.config/helm/registry/config.json`;
      assert.equal((await source.find('r.io'))?.place, place);
    } finally {
      await home.remove();
    }
  });
});
