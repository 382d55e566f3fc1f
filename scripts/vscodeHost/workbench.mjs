// The workbench page: VS Code's web interface in a headless Chromium, driven by Playwright.
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import { chromium } from 'playwright-core';
import { findPeer } from '../lib/peers.mjs';

/** How long a click or a wait may take. */
const actionTimeoutMs = 10_000;

const chromiumArguments = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/**
 * Opens a browser with an empty page and resolves with `{ browser, page }`; the caller closes the browser.
 * @param on `crashed()` and `testsEnded(code)`, which VS Code reports when it ran tests.
 */
export async function openBrowser(folders, origin, on) {
  const executablePath = findPeer('chromium');
  if (!executablePath) throw new Error('Chromium is missing. Install it: apt-get install chromium');
  const { tmp } = folders;
  const browser = await chromium.launchPersistentContext(folders.browser, {
    executablePath,
    args: chromiumArguments,
    headless: true,
    viewport: { width: 1400, height: 900 },
    env: { ...process.env, XDG_CACHE_HOME: tmp, XDG_CONFIG_HOME: tmp, TMPDIR: tmp },
  });
  await browser.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  await answerKeyRequests(browser, folders.user);
  const page = preparedPage(browser.pages()[0] ?? (await browser.newPage()));
  await listen(page, folders, on);
  return { browser, page };
}

function preparedPage(page) {
  page.setDefaultTimeout(actionTimeoutMs);
  page.on('dialog', (dialog) => void dialog.accept()); // "leave the page?"
  return page;
}

/** Opens further windows beside the first, one for each folder; resolves with the page of a folder's. */
export function windowOpener(browser, options) {
  const opened = new Map();
  return async (folder) => {
    if (!opened.has(folder)) opened.set(folder, preparedPage(await browser.newPage()));
    const page = opened.get(folder);
    if (page.url() === 'about:blank') await loadWorkbench(page, { ...options, folder });
    return page;
  };
}

/** Half of the key of SecretStorage comes from the server's front, which the bare server lacks. */
async function answerKeyRequests(browser, userDataDir) {
  const file = path.join(userDataDir, 'serve-web-key-half');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600 });
  await browser.route('**/mint-key', (route) => route.fulfill({ body: readFileSync(file) }));
}

async function listen(page, folders, on) {
  const log = createWriteStream(path.join(folders.root, 'browser.log'));
  page.on('console', (message) => log.write(`${message.type()} ${message.text()}\n`));
  page.on('crash', () => on.crashed());
  // VS Code looks for these two functions when it runs tests from the web workbench.
  await page.exposeFunction('codeAutomationLog', (type, args) => {
    log.write(`${type} ${format(...args)}\n`);
  });
  await page.exposeFunction('codeAutomationExit', (code) => on.testsEnded(code));
}

/** Loads the workbench on a folder, with the named extension folders under development and the named suite, if any. */
export async function loadWorkbench(page, { origin, folder, extensions, extensionTestsPath }) {
  const remote = (file) => ({ scheme: 'vscode-remote', authority: new URL(origin).host, path: file });
  const developmentOptions = {
    extensions: extensions.map(remote),
    ...(extensionTestsPath && { extensionTestsPath: remote(extensionTestsPath) }),
  };
  if (extensions.length > 0) await page.addInitScript(develop, developmentOptions);
  await page.goto(`${origin}/?folder=${encodeURIComponent(folder)}`);
}

/**
 * Runs in the page: puts the options into the workbench's configuration after the page is parsed and before its scripts
 * run. (A `?payload=` would need a switch that also hides notifications.)
 */
function develop(developmentOptions) {
  const { document } = globalThis;
  document.addEventListener('readystatechange', () => {
    const element = document.getElementById('vscode-workbench-web-configuration');
    if (document.readyState !== 'interactive' || !element) return;
    const configuration = JSON.parse(element.getAttribute('data-settings'));
    configuration.developmentOptions = { ...configuration.developmentOptions, ...developmentOptions };
    element.setAttribute('data-settings', JSON.stringify(configuration));
  });
}
