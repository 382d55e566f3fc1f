import assert from 'node:assert/strict';
import { ecrHostOf, type EcrHost } from '../../../../../src/targets/registry/providers/amazonEcrHost';

describe('the host of an Amazon ECR registry', () => {
  const account = '123456789012';
  const known: readonly (readonly [host: string, found: Omit<EcrHost, 'visibility' | 'accountId'>])[] = [
    [`${account}.dkr.ecr.eu-west-1.amazonaws.com`, { region: 'eu-west-1' }],
    [`${account}.DKR.ECR.us-gov-west-1.amazonaws.com`, { region: 'us-gov-west-1' }],
    [`${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`, { region: 'cn-north-1' }],
    [`${account}.dkr.ecr.eusc-de-east-1.amazonaws.eu`, { region: 'eusc-de-east-1' }],
    [`${account}.dkr.ecr-fips.us-east-2.amazonaws.com`, { region: 'us-east-2', fips: true }],
    [`${account}.dkr-ecr.us-east-2.on.aws`, { region: 'us-east-2', dualStack: true }],
    [`${account}.dkr-ecr-fips.us-east-2.on.aws`, { region: 'us-east-2', fips: true, dualStack: true }],
    [`${account}.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn`, { region: 'cn-north-1', dualStack: true }],
  ];
  for (const [host, found] of known) {
    it(`${host} has its account and region`, () => {
      assert.deepEqual(ecrHostOf(host), { visibility: 'private', accountId: account, ...found });
    });
  }

  for (const host of ['public.ecr.aws', 'ecr-public.aws.com']) {
    it(`${host} is the public one, whose API is in us-east-1`, () => {
      assert.deepEqual(ecrHostOf(host), { visibility: 'public', region: 'us-east-1' });
    });
  }

  const strangers = [
    'ghcr.io',
    `${account}.dkr.ecr.eu-west-1.amazonaws.com.evil.example`,
    `evil.example/${account}.dkr.ecr.eu-west-1.amazonaws.com`,
    `x${account}.dkr.ecr.eu-west-1.amazonaws.com`,
    `${account}.dkr.ecr.eu.west.1.amazonaws.com`,
    `${account}.dkr.ecr.eu-west-1.on.aws`,
    `${account}.dkr-ecr.eu-west-1.amazonaws.com`,
    `${account}.dkr.ecr.eu-west-1.amazonaws.com:8443`,
    'api.ecr.eu-west-1.amazonaws.com',
    'evil-public.ecr.aws',
  ];
  for (const host of strangers) {
    it(`${host} is no such host`, () => {
      assert.equal(ecrHostOf(host), undefined);
    });
  }
});
