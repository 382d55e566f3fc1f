import assert from 'node:assert/strict';
import { plainProblems, readRegistryEntries } from '../../../src/host/registryEntries';

const textsOf = (value: unknown) => readRegistryEntries(value).problems.map(({ text }) => text);

describe('the entries of the registries setting', () => {
  it('are none where the setting is not there', () => {
    assert.deepEqual(readRegistryEntries(undefined), { entries: [], problems: [] });
  });

  it('are understood beside others that are not', () => {
    const bad = { host: 'https://nexus.example.com:8443', caFile: '/etc/ca.pem' };
    const good = { host: 'ok.example.com', later: true };
    const { entries, problems } = readRegistryEntries([bad, good]);
    assert.deepEqual(entries, [good]);
    assert.deepEqual(
      problems.map(({ id }) => id),
      ['registries[0]'],
    );
    assert.match(problems[0]?.text ?? '', /^https:\/\/nexus\.example\.com:8443: .*https:\/\/.*\.$/);
  });

  for (const value of [null, {}, 'ghcr.io', 5, true]) {
    it(`are a list: ${JSON.stringify(value)} is none`, () => {
      assert.deepEqual(textsOf(value), ['The list of registries is no list.']);
    });
  }

  for (const entry of [null, 'ghcr.io', 5, [], ['ghcr.io'], {}, { host: 5 }, { host: '' }]) {
    it(`have a host: ${JSON.stringify(entry)} has none`, () => {
      assert.equal(textsOf([entry]).length, 1);
    });
  }

  for (const [name, value] of Object.entries({
    plainHttp: 'yes',
    insecure: 1,
    caFile: ['/etc/ca.pem'],
    headers: { 'X-Team': 5 },
    repositories: 'team/app',
    namespaces: [5],
    account: null,
  })) {
    it(`are named with the member that is wrong: ${name}`, () => {
      assert.match(
        textsOf([{ host: 'ok.example.com', [name]: value }]).join(),
        new RegExp(`"${name}" is not`),
      );
    });
  }

  it('are one entry for a host that stands twice, with the lists of both', () => {
    const { entries, problems } = readRegistryEntries([
      { host: 'ghcr.io', namespaces: ['a'] },
      { host: 'r.test' },
      { host: 'ghcr.io', namespaces: ['x', 'a'], repositories: ['x/y'], plainHttp: true },
    ]);
    assert.deepEqual(problems, []);
    assert.deepEqual(entries, [
      { host: 'ghcr.io', namespaces: ['a', 'x'], repositories: ['x/y'], plainHttp: true },
      { host: 'r.test' },
    ]);
  });
});

describe('settings of one value', () => {
  it('are understood as a text and a list, or where they are not there', () => {
    assert.deepEqual(plainProblems({ caFile: undefined, credentialOrder: undefined }), []);
    assert.deepEqual(plainProblems({ caFile: '', credentialOrder: [] }), []);
  });

  it('are named where they are something else', () => {
    const texts = plainProblems({ caFile: 5, credentialOrder: 'github' }).map(({ text }) => text);
    assert.match(texts[0] ?? '', /caFile is not a text/);
    assert.match(texts[1] ?? '', /credentialOrder is no list/);
  });
});
