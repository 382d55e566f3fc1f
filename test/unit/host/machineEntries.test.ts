import assert from 'node:assert/strict';
import { readMachineEntries, withMachine } from '../../../src/host/machineEntries';

const textsOf = (value: unknown) => readMachineEntries(value).problems.map(({ text }) => text);
const host = 'registry.test';

describe('the entries of the machine setting', () => {
  it('are none where the setting is not there', () => {
    assert.deepEqual(readMachineEntries(undefined).problems, []);
  });

  it('are understood beside others that are not', () => {
    const { entries, problems } = readMachineEntries({
      [host]: { caFile: '/ca.pem' },
      'https://other.test': { caFile: '/ca.pem' },
    });
    assert.deepEqual([...entries], [[host, { caFile: '/ca.pem' }]]);
    assert.match(problems[0]?.text ?? '', /^https:\/\/other\.test: /);
  });

  for (const value of [null, [], 'ca.pem', 5]) {
    it(`are an object: ${JSON.stringify(value)} is none`, () => {
      assert.deepEqual(textsOf(value), ['The setting ociArtifacts.machine is no object of hosts.']);
    });
  }

  for (const entry of [null, '/ca.pem', [], { caFile: 5 }, { resolve: null }]) {
    it(`are objects of texts: ${JSON.stringify(entry)} is none`, () => {
      assert.equal(textsOf({ [host]: entry }).length, 1);
    });
  }
});

describe('how a machine reaches a registry', () => {
  it('is its own way member by member, else that of the entry', () => {
    const entry = { host, caFile: '/travelled.pem', resolve: '10.0.0.1' };
    assert.deepEqual(withMachine(entry), entry);
    assert.deepEqual(withMachine(entry, { caFile: '/own.pem' }), { ...entry, caFile: '/own.pem' });
  });

  it('takes no key of the entry for a certificate of the machine', () => {
    const entry = { host, clientCert: '/travelled.pem', clientKey: '/travelled.key' };
    assert.deepEqual(withMachine(entry, { clientCert: '/both.pem' }), { host, clientCert: '/both.pem' });
  });
});
