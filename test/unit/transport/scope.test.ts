import assert from 'node:assert/strict';
import { mergeScopes, splitScopes } from '../../../src/transport/auth/scope';

describe('Token scopes', () => {
  it('merges the actions on one resource, sorted', () => {
    assert.deepEqual(
      mergeScopes(['repository:b:push,pull', 'repository:a:pull', 'repository:b:pull,delete']),
      ['repository:a:pull', 'repository:b:delete,pull,push'],
    );
  });

  it('takes a name with colons as a whole', () => {
    assert.deepEqual(mergeScopes(['repository:host:5000/a:pull', 'registry:catalog:*']), [
      'registry:catalog:*',
      'repository:host:5000/a:pull',
    ]);
  });

  it('leaves a scope without a colon as it is', () => {
    assert.deepEqual(mergeScopes(['repository:a:pull', 'aws', 'aws']), ['aws', 'repository:a:pull']);
  });

  it('splits the scopes of a challenge at spaces', () => {
    assert.deepEqual(splitScopes(' repository:a:pull  repository:b:pull aws '), [
      'repository:a:pull',
      'repository:b:pull',
      'aws',
    ]);
    assert.deepEqual(splitScopes(undefined), []);
  });
});
