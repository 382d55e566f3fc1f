import assert from 'node:assert/strict';
import path from 'node:path';
import { ContainersAuth, containersAuthFiles } from '../../../src/credentials/containersAuth';
import { CredentialStoreError } from '../../../src/oci/errors';
import { makeCredentialHome, type CredentialHome } from './credentialHome';

const entry = (name: string) => ({ auth: Buffer.from(`${name}:p`).toString('base64') });

describe('the files of podman and skopeo', () => {
  let home: CredentialHome;
  beforeEach(async () => {
    home = await makeCredentialHome();
  });
  afterEach(() => home.remove());

  const sourceWith = (variables: Record<string, string> = {}, platform: NodeJS.Platform = 'linux') =>
    new ContainersAuth({
      environment: {
        ...home.environment,
        variables: { ...home.environment.variables, ...variables },
        platform,
      },
    });
  const userOf = async (source: ContainersAuth, host: string, repository?: string) => {
    const credential = await source.get(host, { ...(repository && { repository }) });
    return credential?.kind === 'basic' ? credential.username : credential;
  };
  const userFile = '.config/containers/auth.json';

  const places: [what: string, platform: NodeJS.Platform, variables: object, files: string[]][] = [
    [
      'the named file alone',
      'linux',
      { REGISTRY_AUTH_FILE: '/a.json', XDG_RUNTIME_DIR: '/run' },
      ['/a.json'],
    ],
    [
      'the runtime folder, then the config folder',
      'linux',
      { XDG_RUNTIME_DIR: '/run' },
      ['/run/containers/auth.json', '/home/me/.config/containers/auth.json'],
    ],
    ['another config folder', 'linux', { XDG_CONFIG_HOME: '/etc/me' }, ['/etc/me/containers/auth.json']],
    ['the home on macOS', 'darwin', { XDG_RUNTIME_DIR: '/run' }, ['/home/me/.config/containers/auth.json']],
    ['the home on Windows', 'win32', { XDG_RUNTIME_DIR: '/run' }, ['/home/me/.config/containers/auth.json']],
  ];
  it('are in the usual runtime folders when no variable names one', () => {
    const environment = { homeFolder: '/home/me', platform: 'linux' as const, variables: {}, userId: 1000 };
    assert.deepEqual(containersAuthFiles(environment), [
      '/run/user/1000/containers/auth.json',
      '/run/containers/1000/auth.json',
      '/home/me/.config/containers/auth.json',
    ]);
  });

  for (const [what, platform, variables, files] of places) {
    it(`are ${what}`, () => {
      const environment = { homeFolder: '/home/me', platform, variables: { ...variables } };
      assert.deepEqual(containersAuthFiles(environment), files);
    });
  }

  it('are named for people', () => {
    const file = path.join(home.folder, userFile);
    assert.equal(sourceWith({ XDG_RUNTIME_DIR: '/run' }).location, `/run/containers/auth.json, ${file}`);
  });

  it('are read one after the other until one has the host', async () => {
    await home.write('run/containers/auth.json', { auths: { 'r.io': entry('run'), 'empty.io': {} } });
    await home.write(userFile, { auths: { 'r.io': entry('user'), 'empty.io': entry('user') } });
    const source = sourceWith({ XDG_RUNTIME_DIR: path.join(home.folder, 'run') });
    assert.equal(await userOf(source, 'r.io'), 'run');
    assert.equal(await userOf(source, 'empty.io'), 'user');
    assert.equal(await userOf(source, 'x.io'), undefined);
    const named = sourceWith({ REGISTRY_AUTH_FILE: path.join(home.folder, userFile) });
    assert.equal(await userOf(named, 'r.io'), 'user');
    assert.equal(await userOf(sourceWith({ REGISTRY_AUTH_FILE: '/nowhere' }), 'r.io'), undefined);
  });

  it('have entries for a part of a registry, the narrowest first', async () => {
    await home.write(userFile, {
      auths: {
        'my-registry.local': entry('host'),
        'my-registry.local/foo': entry('foo'),
        'my-registry.local/foo/bar/image': entry('image'),
      },
    });
    const source = sourceWith();
    const expected = { 'foo/bar/image': 'image', 'foo/bar': 'foo', other: 'host' };
    for (const [repository, name] of Object.entries(expected)) {
      assert.equal(await userOf(source, 'my-registry.local', repository), name);
    }
    const found = await source.find('my-registry.local', { repository: 'foo/x' });
    assert.equal(found?.place, `the entry "my-registry.local/foo" of ${path.join(home.folder, userFile)}`);
  });

  it('have Docker Hub under its own name', async () => {
    await home.write(userFile, {
      auths: { 'docker.io': entry('hub'), 'docker.io/library/alpine': entry('alpine') },
    });
    for (const host of ['docker.io', 'index.docker.io', 'registry-1.docker.io']) {
      assert.equal(await userOf(sourceWith(), host, 'library/debian'), 'hub');
      assert.equal(await userOf(sourceWith(), host, 'library/alpine'), 'alpine');
    }
  });

  it('have Docker Hub under its own name first, then by its addresses', async () => {
    const addresses = { 'https://index.docker.io/v1/': entry('address'), 'https://r.io/v1/': entry('old') };
    await home.write(userFile, {
      auths: { ...addresses, 'docker.io': entry('hub'), 'r.io': entry('host') },
    });
    assert.equal(await userOf(sourceWith(), 'docker.io'), 'hub');
    assert.equal(await userOf(sourceWith(), 'registry-1.docker.io'), 'hub');
    assert.equal(await userOf(sourceWith(), 'r.io'), 'host');
    await home.write(userFile, { auths: addresses });
    assert.equal(await userOf(sourceWith(), 'docker.io'), 'address');
    await home.addHelper('hub', `printf '{"Username":"%s","Secret":"s"}' "$(cat)"`);
    await home.addHelper('address', `printf '{"Username":"not this","Secret":"s"}'`);
    await home.write(userFile, {
      credHelpers: { 'https://index.docker.io/v1/': 'address', 'docker.io': 'hub' },
    });
    assert.equal(await userOf(sourceWith(), 'docker.io'), 'docker.io');
  });

  it('have helpers, asked by the key as it is written', async () => {
    await home.addHelper('podman', `printf '{"Username":"%s","Secret":"s"}' "$(cat)"`);
    await home.write(userFile, {
      credHelpers: { 'r.io': 'podman', 'docker.io': 'podman' },
      auths: { 'r.io/team': entry('team') },
    });
    assert.equal(await userOf(sourceWith(), 'r.io', 'team/app'), 'r.io');
    assert.equal(await userOf(sourceWith(), 'registry-1.docker.io'), 'docker.io');
    assert.match(
      (await sourceWith().find('r.io'))?.place ?? '',
      /^docker-credential-podman, asked for "r\.io"/,
    );
  });

  it('are reported when broken, without their text', async () => {
    await home.write(userFile, '{ "auths": hunter2');
    await assert.rejects(sourceWith().get('r.io'), (error) => {
      assert.ok(error instanceof CredentialStoreError);
      assert.match(error.message, /auth\.json: the file is not JSON/);
      assert.ok(!error.message.includes('hunter2'));
      return true;
    });
  });
});
