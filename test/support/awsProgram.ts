import { createRequire } from 'node:module';
import path from 'node:path';
import type { Aws } from '../../src/clouds/amazon/aws';
import { projectRoot } from './projectRoot';

/** The built program with the AWS SDK, as the extension loads it. */
export const awsProgram = path.join(projectRoot(), 'dist/aws.js');

interface AwsProgram {
  createAws(options?: { readonly metadataTimeoutMs?: number }): Aws;
}

/** AWS's side, with a limit for the metadata service that tests need not wait for. */
export function createAws(options?: { readonly metadataTimeoutMs?: number }): Aws {
  return (createRequire(awsProgram)(awsProgram) as AwsProgram).createAws(options);
}
