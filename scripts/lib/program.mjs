/** Runs a script's main function; what goes wrong is told in plain words, without a stack, and ends it with 1. */
export async function runProgram(main) {
  try {
    await main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
