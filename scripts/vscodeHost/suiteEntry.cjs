// What the extension host loads in the suite's place. It runs the suite and leaves two files for the driver:
// the suite's output (VS Code would mix it into its log), and the verdict, written only when run() has come to its end
// (VS Code reports 0 for a host that was killed in the middle of a run).
const { appendFileSync, writeFileSync } = require('node:fs');
const { format } = require('node:util');

const { OCI_HOST_OUTPUT, OCI_HOST_DONE, OCI_HOST_SUITE } = process.env;

function captureConsole() {
  for (const method of ['log', 'info', 'warn', 'error']) {
    const original = console[method];
    const value = (...args) => {
      appendFileSync(OCI_HOST_OUTPUT, format(...args) + '\n');
      original.apply(console, args);
    };
    Object.defineProperty(console, method, { value }); // the host's accessor has a setter that does nothing
  }
}

exports.run = async () => {
  captureConsole();
  let verdict = 1;
  try {
    await require(OCI_HOST_SUITE).run();
    verdict = 0;
  } finally {
    writeFileSync(OCI_HOST_DONE, String(verdict));
  }
};
