// One run of an extension in a real VS Code: server, browser, and then a suite inside or a script outside.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { awaitEnding, exitCodes } from './ending.mjs';
import { makeFolders } from './folders.mjs';
import { startPageBridge } from './pageBridge.mjs';
import { startServer } from './server.mjs';
import { writeUserSettings } from './settings.mjs';
import { followSuite } from './suiteOutput.mjs';
import { loadWorkbench, openBrowser, windowOpener } from './workbench.mjs';

const suiteEntry = fileURLToPath(new URL('suiteEntry.cjs', import.meta.url));

/**
 * Runs VS Code until the suite has ended or `drive(page, { folder })` has settled; resolves with `{ code, why }`.
 * @param options `extensionDevelopmentPath` (list), `extensionTestsPath`, `drive`, `folder`, `userDataDir`,
 *   `extensionsDir`, `port`, `settings`, `env` (for the extension host), `screenshot` (of the end), `timeoutSeconds`, `keep`.
 */
export async function runInVscode(options) {
  const folders = makeFolders(options);
  writeUserSettings(folders.user, options.settings);
  const ending = awaitEnding(options.timeoutSeconds ?? 300);
  const suite = followSuite(folders.root, options.extensionTestsPath);
  const opened = {};
  try {
    await open(options, folders, { ending, suite, opened });
    const result = options.drive ? await drive(options, opened.page, ending) : await ending.result;
    const picture =
      options.screenshot ?? (result.code === 0 ? undefined : path.join(folders.root, 'last.png'));
    if (picture) await opened.page.screenshot({ path: picture }).catch(() => {});
    return result;
  } finally {
    suite.stop();
    await close(opened);
    ending.release();
    if (!options.keep) rmSync(folders.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function open(options, folders, { ending, suite, opened }) {
  opened.bridge = await startPageBridge(
    () => opened.page,
    (folder) => opened.windowOn(folder),
  );
  const hostEnv = { ...options.env, ...suite.env, OCI_HOST_PAGE_URL: opened.bridge.url };
  const server = await startServer(folders, { port: options.port, hostEnv });
  opened.server = server;
  server.exited.then((why) => ending.finish(exitCodes.couldNotRun, why));
  const origin = `http://127.0.0.1:${server.port}`;
  Object.assign(opened, await openBrowser(folders, origin, watch(ending, suite, server)));
  const extensions = developedExtensions(options, folders);
  opened.windowOn = windowOpener(opened.browser, { origin, extensions });
  await loadWorkbench(opened.page, {
    origin,
    folder: folders.workspace,
    extensions,
    extensionTestsPath: options.extensionTestsPath && suiteEntry,
  });
}

const watch = (ending, suite, server) => ({
  crashed: () => ending.finish(exitCodes.couldNotRun, 'the workbench page crashed'),
  testsEnded: (code) => {
    const verdict = suite.verdict();
    const why = `the extension host ended before the suite did (${server.lastHostDeath() ?? 'no word of it'})`;
    if (verdict === undefined) ending.finish(exitCodes.hostDied, why);
    else ending.finish(code || verdict);
  },
});

/** VS Code runs a suite only beside an extension under development; without one an empty one does. */
function developedExtensions(options, folders) {
  const named = (options.extensionDevelopmentPath ?? []).map((folder) => path.resolve(folder));
  if (named.length > 0 || !options.extensionTestsPath) return named;
  const empty = path.join(folders.root, 'empty');
  const manifest = { name: 'empty', publisher: 'host', version: '0.0.1', engines: { vscode: '*' } };
  mkdirSync(empty);
  writeFileSync(path.join(empty, 'package.json'), JSON.stringify(manifest));
  return [empty];
}

async function drive(options, page, ending) {
  const stopped = ending.result.then(({ why }) => Promise.reject(new Error(why)));
  stopped.catch(() => {}); // after the drive nobody waits for it
  await Promise.race([options.drive(page, { folder: options.folder }), stopped]);
  return { code: 0 };
}

async function close({ page, browser, bridge, server }) {
  await page?.goto('about:blank').catch(() => {}); // lets the workbench write its state
  await browser?.close().catch(() => {});
  bridge?.close();
  await server?.stop();
}
