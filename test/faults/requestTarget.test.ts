import assert from 'node:assert/strict';
import type { Exchange } from '../support/faultyProxy';
import { isMeant, TargetReader } from './requestTarget';

const manifest = '/v2/faults/case-7/manifests/v1';

describe('The request that a fault is for', () => {
  it('is met where a run signs in before it, and the recorded run signed in after it', () => {
    const recorded = targetsOf([{ path: manifest }, { path: manifest, isSignedIn: true }]);
    const [only] = targetsOf([{ path: manifest, isSignedIn: true }]);
    assert.deepEqual(
      recorded.map((target) => isMeant(only!, target)),
      [true, true],
    );
  });

  it('is told from the one without a credential where only the signed-in one is meant', () => {
    const [anonymous, signedIn] = targetsOf([{ path: manifest }, { path: manifest, isSignedIn: true }]);
    assert.equal(isMeant(anonymous!, signedIn!), false);
  });

  it('is told from the one before the operation wrote to the path', () => {
    const [before, , after] = targetsOf([
      { path: manifest },
      { method: 'PUT', path: manifest },
      { path: manifest },
    ]);
    assert.equal(isMeant(before!, after!), false);
    assert.equal(isMeant(after!, before!), true);
  });

  it('has the kind of its body: the first byte, a range and the whole of a blob are three', () => {
    const path = '/v2/faults/case-7/blobs/sha256:0';
    const targets = targetsOf([{ path }, { path, range: 'bytes=0-0' }, { path, range: 'bytes=10-' }]);
    assert.equal(new Set(targets.map(({ key }) => key)).size, 3);
  });

  it('has no name of a case and no address of an upload', () => {
    const one = new TargetReader('case-7').read(exchange({ path: '/v2/faults/case-7/blobs/uploads/a?x' }));
    const other = new TargetReader('case-8').read(exchange({ path: '/v2/faults/case-8/blobs/uploads/b?x' }));
    assert.deepEqual(one, other);
  });
});

function targetsOf(requests: readonly Partial<Exchange>[]) {
  const reader = new TargetReader('case-7');
  return requests.map((request) => reader.read(exchange(request)));
}

function exchange(request: Partial<Exchange>): Exchange {
  const none = { contentType: undefined, range: undefined };
  return { method: 'GET', path: '/', requestBytes: 0, isSignedIn: false, ...none, ...request };
}
