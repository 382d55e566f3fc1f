// The program of the suites that run in plain Node; mochaSuite.cjs says what it reads from the environment.
import suite from './mochaSuite.cjs';

try {
  await suite.run();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
