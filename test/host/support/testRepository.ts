import { Registry } from '../../../src/targets/registry/registry';
import type { Repository } from '../../../src/targets/registry/repository';
import { testTransport } from '../../support/testTransport';

/** A repository over plain HTTP, for filling a registry and for looking at what became of it. */
export function testRepository(host: string, name: string): Repository {
  return new Registry(host, testTransport()).repository(name);
}
