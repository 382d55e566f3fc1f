// Sets up all that the tests need: `node scripts/setup.mjs`. `npm test` does the same by itself.
import { runProgram } from './lib/program.mjs';
import { setupDependencies } from './lib/setupDependencies.mjs';
import { setupPeers } from './lib/setupPeers.mjs';
import { setupVscode } from './lib/setupVscode.mjs';

await runProgram(async () => {
  await setupDependencies();
  await Promise.all([setupPeers(), setupVscode()]);
});
