// Lets tests inside the extension host act on the workbench page: they POST a chain of calls, we run it with Playwright.
// A second window has no tests in it, so that it can be reloaded.
import http from 'node:http';

const webviewWaitMs = 10_000;

/**
 * Listens on 127.0.0.1. POST `[["locator","css"],["click"]]` runs `page.locator("css").click()` and answers `{ value }`;
 * a call `["webview","css"]` stands for the frame of the webview in which the css is found, a first call
 * `["window","/folder"]` for the page of a window on that folder, which is opened when there is none.
 */
export async function startPageBridge(getPage, windowOn) {
  const places = { getPage, windowOn };
  const server = http.createServer((request, response) => void answer(places, request, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

async function answer({ getPage, windowOn }, request, response) {
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const chain = JSON.parse(Buffer.concat(chunks).toString());
    const [first, folder] = chain[0] ?? [];
    const value =
      first === 'window'
        ? await runChain(await windowOn(folder), chain.slice(1))
        : await runChain(getPage(), chain);
    response.end(asJson(value));
  } catch (error) {
    response.statusCode = 500;
    response.end(JSON.stringify({ error: String(error?.message ?? error) }));
  }
}

/** What only looks may look again: VS Code can make a webview's frame anew while it is looked at. */
const looks = ['waitFor', 'innerText', 'textContent', 'count', 'getAttribute'];

async function runChain(page, chain) {
  try {
    return await runOnce(page, chain);
  } catch (error) {
    const mayLookAgain = chain[0]?.[0] === 'webview' && looks.includes(chain.at(-1)?.[0]);
    if (!mayLookAgain || !String(error?.message).includes('Frame was detached')) throw error;
    return runOnce(page, chain);
  }
}

async function runOnce(page, chain) {
  let value = page;
  for (const [name, ...args] of chain) {
    if (name === 'webview') value = await findWebview(page, ...args);
    else value = typeof value[name] === 'function' ? await value[name](...args) : value[name];
  }
  return value;
}

/** Page objects cannot travel: a chain that ends in one answers with no value. */
function asJson(value) {
  if (Buffer.isBuffer(value)) return JSON.stringify({ value: value.toString('base64') });
  try {
    return JSON.stringify({ value });
  } catch {
    return '{}';
  }
}

const isWebview = (frame) =>
  frame.name() === 'active-frame' || frame.url().includes('/webview/browser/pre/fake.html');

/** The frame of the first webview that holds the css; it may still be loading. */
export async function findWebview(page, css) {
  for (const end = Date.now() + webviewWaitMs; Date.now() < end;) {
    for (const frame of page.frames().filter(isWebview))
      if (
        (await frame
          .locator(css)
          .count()
          .catch(() => 0)) > 0
      )
        return frame;
    await page.waitForTimeout(50);
  }
  throw new Error(`No webview holds ${css}`);
}
