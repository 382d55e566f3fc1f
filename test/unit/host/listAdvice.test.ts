import assert from 'node:assert/strict';
import { listAdvice } from '../../../src/host/listAdvice';
import { NetworkError, RegistryError, SignInRequiredError, UnsupportedError } from '../../../src/oci/errors';

describe('listAdvice', () => {
  const failure = { method: 'GET', url: 'https://r.test/v2/', status: 401, details: [], body: '' };
  const ofRepositories = { ofRepositories: true, readsOn: false };
  const stepsOf = (error: unknown, place = ofRepositories) => listAdvice(error, place).steps;

  it('names a repository first where a sign-in was refused', () => {
    const error = new SignInRequiredError('r.test', true, failure);
    assert.equal(stepsOf(error)[0], 'addRepository');
    assert.match(listAdvice(error, ofRepositories).summary, /does not let you list/);
  });

  it('signs in first where nobody is signed in', () => {
    assert.equal(stepsOf(new SignInRequiredError('r.test', false, failure))[0], 'signIn');
  });

  it('offers to name a repository whatever failed, and for repositories alone', () => {
    for (const error of [
      new NetworkError('r.test', 'ECONNREFUSED', 'refused'),
      new RegistryError({ ...failure, status: 500 }),
      new UnsupportedError('listing repositories', 'r.test'),
    ]) {
      assert.ok(stepsOf(error).includes('addRepository'));
    }
    const tags = { ofRepositories: false, readsOn: false };
    assert.ok(!stepsOf(new RegistryError({ ...failure, status: 500 }), tags).includes('addRepository'));
  });

  it('tries again first where rows came before', () => {
    const error = new SignInRequiredError('r.test', true, { ...failure, status: 403 });
    assert.equal(stepsOf(error, { ofRepositories: true, readsOn: true })[0], 'retry');
  });

  it('marks a list that is not there as nothing that went wrong', () => {
    const missing = new UnsupportedError('listing repositories', 'r.test');
    assert.equal(listAdvice(missing, ofRepositories).isNeutral, true);
    assert.equal(listAdvice(new Error('x'), ofRepositories).isNeutral, false);
  });
});
