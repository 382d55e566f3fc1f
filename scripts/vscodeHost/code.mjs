#!/usr/bin/env node
// Stands in for the desktop `code` program: takes its arguments, runs the extension and its suite without a display.
//   code.mjs --extensionDevelopmentPath=DIR [--extensionTestsPath=FILE] [--user-data-dir=DIR] [--extensions-dir=DIR]
//            [--port=N] [--screenshot=FILE] [FOLDER]
// Ends with 0 or 1 as the suite does; the other codes are in ending.mjs.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exitCodes } from './ending.mjs';
import { runInVscode } from './runInVscode.mjs';

const text = { type: 'string' };
const known = {
  extensionDevelopmentPath: { type: 'string', multiple: true },
  extensionTestsPath: text,
  'folder-uri': text,
  'user-data-dir': text,
  'extensions-dir': text,
  port: text,
  screenshot: text,
};

function optionsOf(args) {
  // Not strict: desktop-only switches that @vscode/test-electron adds are passed over.
  const { values, positionals } = parseArgs({ args, options: known, strict: false, allowPositionals: true });
  const folderUri = values['folder-uri'];
  return {
    extensionDevelopmentPath: values.extensionDevelopmentPath,
    extensionTestsPath: values.extensionTestsPath,
    folder: folderUri === undefined ? positionals[0] : fileURLToPath(folderUri),
    userDataDir: values['user-data-dir'],
    extensionsDir: values['extensions-dir'],
    port: Number(values.port ?? 0),
    screenshot: values.screenshot,
    timeoutSeconds: Number(process.env.OCI_HOST_TIMEOUT ?? 300),
    keep: process.env.OCI_HOST_KEEP === '1',
  };
}

try {
  const { code, why } = await runInVscode(optionsOf(process.argv.slice(2)));
  if (why) console.error(`VS Code: ${why}`);
  process.exitCode = code;
} catch (error) {
  console.error(error);
  process.exitCode = exitCodes.couldNotRun;
}
