// Fills a registry with the sample artifacts: `seed <host[:port]>`, over plain HTTP.
import { registryProblem } from '../../src/oci/registryHost';
import { seedAll } from '../samples/artifacts/seedAll';

async function main(host: string | undefined): Promise<void> {
  if (host === undefined) throw new Error('Usage: seed <host[:port]>');
  const problem = registryProblem(host);
  if (problem !== undefined) throw new Error(`The host cannot be used: ${problem}.`);
  await seedAll(host);
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
