import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readlink, stat, symlink, writeFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Credential } from '../../../src/oci/credential';
import { CredentialStoreError } from '../../../src/oci/errors';
import { dockerConfigPath } from '../../../src/credentials/dockerConfigFile';
import { DockerConfigStore } from '../../../src/credentials/dockerConfigStore';
import { keepingHelper, makeCredentialHome, type CredentialHome } from './credentialHome';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const user: Credential = { kind: 'basic', username: 'user', password: 'pass:word' };
const userAuth = base64('user:pass:word');

describe('the docker config as a credential store', () => {
  let home: CredentialHome;
  let store: DockerConfigStore;

  beforeEach(async () => {
    home = await makeCredentialHome();
    store = new DockerConfigStore({ environment: home.environment });
  });
  afterEach(() => home.remove());

  it('is in $DOCKER_CONFIG, else in the home folder', () => {
    const variables = { DOCKER_CONFIG: '/elsewhere' };
    assert.equal(dockerConfigPath({ ...home.environment, variables }), '/elsewhere/config.json');
    assert.equal(
      dockerConfigPath({ ...home.environment, variables: { DOCKER_CONFIG: '' } }),
      home.configFile,
    );
  });

  describe('reading', () => {
    const entries: [what: string, entry: unknown, expected: Credential | undefined][] = [
      ['auth', { auth: userAuth }, user],
      ['auth before username and password', { auth: userAuth, username: 'x', password: 'y' }, user],
      ['username and password', { username: 'user', password: 'pass:word' }, user],
      [
        'text beyond ASCII',
        { auth: base64('jörg:pä:ß') },
        { kind: 'basic', username: 'jörg', password: 'pä:ß' },
      ],
      ['an identity token', { identitytoken: 't' }, { kind: 'identityToken', token: 't' }],
      [
        'an identity token with its user',
        { auth: base64('u:'), identitytoken: 't' },
        { kind: 'identityToken', username: 'u', token: 't' },
      ],
      ['a registry token', { registrytoken: 't', auth: userAuth }, { kind: 'registryToken', token: 't' }],
      [
        'auth in lines, as base64 writes it',
        { auth: `${userAuth.slice(0, 8)}\r\n${userAuth.slice(8)}\n` },
        user,
      ],
      ['auth with zeros behind the password', { auth: base64('user:pass:word\0\0') }, user],
      [
        'members that are null',
        { auth: null, identitytoken: null, registrytoken: null, username: 'user', password: 'pass:word' },
        user,
      ],
      ['members in any case', { Auth: userAuth }, user],
      [
        'members in any case, the usual one first',
        { IdentityToken: 'x', identitytoken: 't' },
        { kind: 'identityToken', token: 't' },
      ],
      ['an entry that is null', null, undefined],
      ['an entry left empty by a helper', {}, undefined],
      ['an entry with an empty auth', { auth: '' }, undefined],
    ];
    for (const [what, entry, expected] of entries) {
      it(`understands ${what}`, async () => {
        await home.writeConfig({ auths: { 'r.io': entry } });
        assert.deepEqual(await store.get('r.io'), expected);
      });
    }

    it('knows nothing where there is no file, a blank file, or another host', async () => {
      assert.equal(await store.get('r.io'), undefined);
      for (const content of [
        '',
        '\n',
        {},
        'null',
        { auths: null, credHelpers: null, credsStore: null },
        { auths: { 'r.io': null }, credHelpers: { 'r.io': null } },
        { auths: { 'x.io': { auth: userAuth } } },
      ]) {
        await home.writeConfig(content);
        assert.equal(await store.get('r.io'), undefined);
      }
    });

    it('finds older spellings, and the exact key first', async () => {
      const other = { auth: base64('other:other') };
      await home.writeConfig({ auths: { 'https://r.io/v1/': other, 'r.io': { auth: userAuth } } });
      assert.deepEqual(await store.get('r.io'), user);
      await home.writeConfig({ auths: { 'https://index.docker.io/v1/': { auth: userAuth } } });
      for (const host of ['docker.io', 'index.docker.io', 'registry-1.docker.io']) {
        assert.deepEqual(await store.get(host), user);
      }
    });

    describe('of a part of a registry', () => {
      const entry = (name: string) => ({ auth: base64(`${name}:p`) });
      const given = async (repository: string) => {
        const credential = await store.get('r.io', { repository });
        return credential?.kind === 'basic' ? credential.username : credential;
      };

      it('takes the narrowest entry that covers the repository, then the host', async () => {
        const auths = { 'r.io': entry('host'), 'r.io/team/app': entry('app'), 'r.io/team': entry('team') };
        await home.writeConfig({ auths });
        const expected = { 'team/app': 'app', 'team/app/deep': 'app', 'team/other': 'team', teams: 'host' };
        for (const [repository, name] of Object.entries(expected)) {
          assert.equal(await given(repository), name);
        }
        assert.equal(
          (await store.find('r.io', { repository: 'team/x' }))?.place,
          `the entry "r.io/team" of ${home.configFile}`,
        );
      });

      it('asks a helper for that part by the key as it is written', async () => {
        await home.addHelper('part', `printf '{"Username":"%s","Secret":"s"}' "$(cat)"`);
        await home.writeConfig({
          auths: { 'r.io': entry('host'), 'r.io/own': entry('own') },
          credHelpers: { 'r.io/team': 'part', 'r.io/own': '' },
        });
        assert.equal(await given('team/app'), 'r.io/team');
        assert.equal(await given('own/app'), 'own');
        assert.equal(await given('other/app'), 'host');
      });

      it('asks the store of the config where an entry has no credential', async () => {
        await home.addHelper('all', `printf '{"Username":"%s","Secret":"s"}' "$(cat)"`);
        await home.writeConfig({ auths: { 'r.io/team': {} }, credsStore: 'all' });
        assert.equal(await given('team/app'), 'r.io/team');
        assert.equal(await given('other/app'), 'r.io');
        await home.writeConfig({ auths: { 'r.io/team': {}, 'r.io': entry('host') } });
        assert.equal(await given('team/app'), 'host');
      });

      it('knows the names of Docker Hub', async () => {
        await home.writeConfig({ auths: { 'docker.io/library/alpine': { auth: userAuth } } });
        assert.deepEqual(await store.get('registry-1.docker.io', { repository: 'library/alpine' }), user);
        assert.equal(await store.get('docker.io', { repository: 'library/debian' }), undefined);
      });
    });

    const broken: [what: string, entry: unknown][] = [
      ['base64 that is none', { auth: 'secret!' }],
      ['base64 without a colon', { auth: base64('secret') }],
      ['a number', { auth: 17 }],
      ['an entry that is a text', 'secret'],
    ];
    for (const [what, entry] of broken) {
      it(`reports ${what} for that host alone, without its text`, async () => {
        await home.writeConfig({ auths: { 'r.io': entry, 'x.io': { auth: userAuth } } });
        await assert.rejects(store.get('r.io'), (error) => {
          assert.ok(error instanceof CredentialStoreError);
          assert.ok(error.message.includes(home.configFile) && error.message.includes('r.io'));
          assert.ok(!error.message.includes('secret'));
          return true;
        });
        assert.deepEqual(await store.get('x.io'), user);
      });
    }
  });

  describe('a config that cannot be used', () => {
    const contents: [what: string, content: string, message: RegExp][] = [
      ['a missing comma', '{\n  "auths": {}\n  "hunter2": 1\n}', /not JSON: line 3, column 3\./],
      ['a comment', '{\n  // hunter2\n  "auths": {}\n}', /not JSON: line 2, column 3\./],
      ['a trailing comma', '{"auths":{},}', /not JSON: line 1, column 13\./],
      ['text behind the end', '{} hunter2', /not JSON: line 1, column 4\./],
      ['a list', '[]', /the file is not a JSON object\./],
      ['auths as a list', '{"auths":["hunter2"]}', /"auths" is not a JSON object\./],
      [
        'a helper that is a number',
        '{"credHelpers":{"r.io":5}}',
        /the name of a credential helper is not a text\./,
      ],
    ];
    for (const [what, content, message] of contents) {
      it(`is reported and left untouched: ${what}`, async () => {
        await home.writeConfig(content);
        const calls = [() => store.get('r.io'), () => store.set('r.io', user), () => store.remove('r.io')];
        for (const call of calls) {
          await assert.rejects(call, (error) => {
            assert.ok(error instanceof CredentialStoreError);
            assert.ok(error.message.startsWith(home.configFile), error.message);
            assert.match(error.message, message);
            assert.ok(!error.message.includes('hunter2'));
            assert.equal(error.cause, undefined);
            return true;
          });
        }
        assert.equal(await home.readConfig(), content);
        assert.deepEqual(await readdir(path.dirname(home.configFile)), ['config.json']);
      });
    }

    it('is reported when it is not UTF-8 or too large', async () => {
      await home.writeConfig('');
      await writeFile(home.configFile, Buffer.from([0x7b, 0xff, 0x7d]));
      await assert.rejects(store.set('r.io', user), /not UTF-8/);
      await writeFile(home.configFile, Buffer.alloc(4 * 1024 * 1024 + 1, ' '));
      await assert.rejects(store.get('r.io'), /larger than/);
    });

    it('is reported when the path is a folder', async () => {
      await mkdir(home.configFile, { recursive: true });
      await assert.rejects(store.get('r.io'), /cannot be read \(EISDIR\)/);
    });
  });

  describe('writing', () => {
    it('makes a private file in a private folder', async () => {
      await store.set('r.io', user);
      assert.equal((await stat(home.configFile)).mode & 0o777, 0o600);
      assert.equal((await stat(path.dirname(home.configFile))).mode & 0o777, 0o700);
      assert.deepEqual(JSON.parse(await home.readConfig()), { auths: { 'r.io': { auth: userAuth } } });
    });

    it('keeps the mode of a file and leaves nothing beside it', async () => {
      await home.writeConfig('{}');
      await chmod(home.configFile, 0o640);
      await store.set('r.io', user);
      assert.equal((await stat(home.configFile)).mode & 0o777, 0o640);
      assert.deepEqual(await readdir(path.dirname(home.configFile)), ['config.json']);
    });

    for (const there of [true, false]) {
      it(`keeps a link to a file that is ${there ? '' : 'not '}there`, async () => {
        const target = path.join(home.folder, 'dotfiles', 'docker.json');
        await mkdir(path.dirname(target));
        await mkdir(path.dirname(home.configFile));
        if (there) await writeFile(target, '{}');
        await symlink('../dotfiles/docker.json', home.configFile);
        await store.set('r.io', user);
        assert.ok((await lstat(home.configFile)).isSymbolicLink());
        assert.equal(await readlink(home.configFile), '../dotfiles/docker.json');
        assert.match(await readFile(target, 'utf8'), /r\.io/);
        assert.deepEqual(await readdir(path.dirname(target)), ['docker.json']);
      });
    }

    const credentials: [what: string, credential: Credential, entry: object][] = [
      ['a password', user, { auth: userAuth }],
      ['an identity token', { kind: 'identityToken', token: 't' }, { identitytoken: 't' }],
      [
        'an identity token with its user',
        { kind: 'identityToken', username: 'u', token: 't' },
        { auth: base64('u:'), identitytoken: 't' },
      ],
      ['a registry token', { kind: 'registryToken', token: 't' }, { registrytoken: 't' }],
    ];
    for (const [what, credential, entry] of credentials) {
      it(`writes ${what} and reads it back`, async () => {
        await store.set('docker.io', credential);
        assert.deepEqual(JSON.parse(await home.readConfig()), {
          auths: { 'https://index.docker.io/v1/': entry },
        });
        assert.deepEqual(await store.get('registry-1.docker.io'), credential);
      });
    }

    it('refuses a user name with a colon', async () => {
      const odd: Credential = { kind: 'basic', username: 'a:b', password: 'secret' };
      await assert.rejects(store.set('r.io', odd), /a user name cannot hold a colon/);
      await assert.rejects(home.readConfig(), { code: 'ENOENT' });
    });

    for (const [before, after] of [
      ['null', { auths: { 'r.io': { auth: userAuth } } }],
      [' null\n', { auths: { 'r.io': { auth: userAuth } } }],
      ['{"auths":null,"x":1}', { auths: { 'r.io': { auth: userAuth } }, x: 1 }],
      ['{"auths":{"r.io":null,"x.io":{}}}', { auths: { 'r.io': { auth: userAuth }, 'x.io': {} } }],
    ] as const) {
      it(`writes over what is null: ${before}`, async () => {
        await home.writeConfig(before);
        assert.equal(await store.remove('r.io'), false);
        await store.set('r.io', user);
        assert.deepEqual(JSON.parse(await home.readConfig()), after);
        assert.equal(await store.remove('r.io'), true);
      });
    }

    it('removes every spelling of the host, and says whether there was one', async () => {
      const entry = { auth: userAuth };
      await home.writeConfig({ auths: { 'r.io': entry, 'https://r.io/v1/': entry, 'r.io/team': entry } });
      assert.equal(await store.remove('r.io'), true);
      assert.deepEqual(JSON.parse(await home.readConfig()), { auths: { 'r.io/team': entry } });
      assert.equal(await store.get('r.io'), undefined);
      assert.equal(await store.remove('r.io'), false);
    });

    it('does not make a file to remove from', async () => {
      assert.equal(await store.remove('r.io'), false);
      await assert.rejects(home.readConfig(), { code: 'ENOENT' });
    });

    it('gives the abort reason and writes nothing', async () => {
      const reason = new Error('enough');
      const signal = AbortSignal.abort(reason);
      await assert.rejects(store.set('r.io', user, { signal }), reason);
      await assert.rejects(store.get('r.io', { signal }), reason);
      assert.deepEqual(await readdir(home.folder), []);
    });
  });

  describe('with helpers', () => {
    const kept = { 'helper.io': 'kept', 'none.io': '', 'gone.io': 'missing' };

    it('reads from credHelpers, then credsStore, then auths', async () => {
      await home.addHelper('kept', `printf '{"Username":"kept","Secret":"%s"}' "$(cat)"`);
      await home.addHelper('all', `printf '{"Username":"all","Secret":"%s"}' "$(cat)"`);
      const auths = {
        'helper.io': { auth: userAuth },
        'none.io': { auth: userAuth },
        'x.io': { auth: userAuth },
      };
      await home.writeConfig({ credHelpers: kept, credsStore: 'all', auths });
      const expected: [string, Credential][] = [
        ['helper.io', { kind: 'basic', username: 'kept', password: 'helper.io' }],
        ['x.io', { kind: 'basic', username: 'all', password: 'x.io' }],
        ['docker.io', { kind: 'basic', username: 'all', password: 'https://index.docker.io/v1/' }],
        ['none.io', user],
      ];
      for (const [host, credential] of expected) assert.deepEqual(await store.get(host), credential);
      await home.writeConfig({ credHelpers: kept, auths });
      assert.deepEqual(await store.get('x.io'), user);
    });

    it('asks the store of the config where the helper of a host is null', async () => {
      await home.addHelper('all', `printf '{"Username":"all","Secret":"%s"}' "$(cat)"`);
      await home.writeConfig({
        credHelpers: { 'r.io': null },
        credsStore: 'all',
        auths: { 'r.io/team': null },
      });
      const expected = { kind: 'basic', username: 'all', password: 'r.io' };
      assert.deepEqual(await store.get('r.io', { repository: 'team/app' }), expected);
    });

    it('reports a missing helper for its registry and reads the others', async () => {
      await home.writeConfig({ credHelpers: kept, auths: { 'x.io': { auth: userAuth } } });
      await assert.rejects(store.get('gone.io'), (error) => {
        assert.ok(error instanceof CredentialStoreError);
        assert.match(error.message, /^docker-credential-missing: .* not installed/);
        return true;
      });
      assert.deepEqual(await store.get('x.io'), user);
    });

    it('stores in and removes from the helper in force, and names it', async () => {
      await home.addHelper('kept', keepingHelper);
      await home.writeConfig({ credHelpers: kept });
      const before = await home.readConfig();
      assert.equal(await store.placeFor('helper.io'), 'docker-credential-kept');
      assert.equal(await store.placeFor('x.io'), home.configFile);
      await store.set('helper.io', user);
      assert.deepEqual(await store.get('helper.io'), user);
      assert.equal(await home.readConfig(), before);
      assert.equal(await store.remove('helper.io'), true);
      assert.equal(await store.get('helper.io'), undefined);
      assert.equal(await store.remove('helper.io'), false);
    });

    it('removes what stands in auths from before the helper', async () => {
      await home.addHelper('kept', keepingHelper);
      await home.writeConfig({ credHelpers: kept, auths: { 'helper.io': { auth: userAuth } } });
      assert.equal(await store.remove('helper.io'), true);
      assert.deepEqual(JSON.parse(await home.readConfig()), { credHelpers: kept, auths: {} });
    });
  });
});
