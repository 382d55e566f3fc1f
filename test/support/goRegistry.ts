import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { peer } from './peers';
import { startServerProgram, type RunningServer } from './serverProgram';

/**
 * Starts go-containerregistry's registry (scripts/goRegistry) on a free port: content in memory, with the referrers
 * API, but no `OCI-Subject` in its answers.
 */
export async function startGoRegistry(): Promise<RunningServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-go-registry-'));
  return startServerProgram({ program: peer('go-registry'), args: [], folder });
}
