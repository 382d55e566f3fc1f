// The workbench page, from inside the extension host: what a person sees and clicks.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../../support/projectRoot';

/** One call on the page or on what the call before gave: a method's name and its arguments (plain JSON values). */
export type PageCall = readonly [method: string, ...args: unknown[]];

interface Answer<Value> {
  readonly value?: Value;
  readonly error?: string;
}

/** Whether there is a page to act on: the stand-in for VS Code has one, the desktop has none. */
export function hasPage(): boolean {
  return process.env['OCI_HOST_PAGE_URL'] !== undefined;
}

/**
 * Runs a chain of Playwright calls on the workbench page and gives the last one's value:
 * `page(['getByRole', 'tab', { name: 'OCI Artifacts' }], ['click'])`.
 * A first call `['webview', css]` stands for the frame of the webview that holds the css, `['window', folder]` for the
 * page of a second window, on that folder, which is opened when there is none.
 * Errors: Error with Playwright's message.
 */
export async function page<Value = unknown>(...chain: readonly PageCall[]): Promise<Value> {
  const url = process.env['OCI_HOST_PAGE_URL'];
  if (url === undefined) throw new Error('This VS Code has no page that a test can act on');
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(chain) });
  const { value, error } = (await response.json()) as Answer<Value>;
  if (error !== undefined) throw new Error(error);
  return value as Value;
}

/** Writes a picture of the workbench to out/host/<name>.png. */
export async function screenshot(name: string): Promise<void> {
  const folder = path.join(projectRoot(), 'out/host');
  await mkdir(folder, { recursive: true });
  await page(['screenshot', { path: path.join(folder, `${name}.png`) }]);
}

/** Runs a command from the palette as a person does, by its shown title. */
export async function runFromPalette(title: string): Promise<void> {
  await page(['keyboard'], ['press', 'F1']);
  await page(['locator', '.quick-input-widget input'], ['first'], ['fill', `>${title}`]);
  await page(['locator', '.quick-input-list'], ['getByText', title, { exact: true }], ['first'], ['click']);
}

/** Types into the open input box or quick pick that says `title`, accepts, and waits until it made way. */
export async function answerInput(title: string, text: string): Promise<void> {
  const box: PageCall = ['locator', '.quick-input-widget:visible', { hasText: title }];
  await page(box, ['waitFor']);
  await page(box, ['locator', 'input:visible'], ['first'], ['fill', text]);
  await page(['keyboard'], ['press', 'Enter']);
  await page(box, ['waitFor', { state: 'hidden' }]);
}

/** Clicks an item of the open quick pick that says `title`, and waits until it made way. */
export async function chooseItem(title: string, label: string): Promise<void> {
  const box: PageCall = ['locator', '.quick-input-widget:visible', { hasText: title }];
  await page(box, ['waitFor']);
  await page(box, ['locator', '.quick-input-list .label-name', { hasText: label }], ['first'], ['click']);
  await page(box, ['waitFor', { state: 'hidden' }]);
}

/** The texts of the items of the open quick pick. */
export async function listedItems(): Promise<string[]> {
  return page<string[]>(
    ['locator', '.quick-input-widget:visible .quick-input-list-entry'],
    ['allInnerTexts'],
  );
}

/** The directives of its content security policy that a webview broke since it was made; the browser keeps its reports. */
export async function cspViolations(frame: PageCall): Promise<string[]> {
  return page<string[]>(frame, [
    'evaluate',
    `new Promise((resolve) => {
      const seen = (reports) => resolve(reports.map(({ body }) => body.effectiveDirective));
      new ReportingObserver(seen, { types: ['csp-violation'], buffered: true }).observe();
      setTimeout(() => resolve([]), 500);
    })`,
  ]);
}
