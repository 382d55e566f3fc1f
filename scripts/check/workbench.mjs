// What a person does in VS Code, for Playwright: everything by what is seen, with mouse and keyboard.
import { findWebview } from '../vscodeHost/pageBridge.mjs';

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const exactly = (text) => new RegExp(`^\\s*${escaped(text)}\\s*$`);
const beginning = (text) => new RegExp(`^\\s*${escaped(text)}`);

/** Hands and eyes on one workbench page. */
export class Workbench {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(20_000);
  }

  /** Waits until the workbench is drawn. */
  async ready() {
    await this.page
      .locator('.monaco-workbench .activitybar .action-item')
      .first()
      .waitFor({ timeout: 60_000 });
  }

  /** Runs a command by its shown title. */
  async palette(title) {
    await this.page.keyboard.press('F1');
    await this.pick(title, `>${title}`);
  }

  /** Chooses the entry with this very label in the open quick pick, after typing some of it. */
  async pick(label, typed = label) {
    await this.#input.fill(typed);
    await this.page
      .locator('.quick-input-list .label-name', { hasText: exactly(label) })
      .first()
      .click();
  }

  /** Shows a view container by its icon in the activity bar. */
  async openView(name) {
    const icon = this.page.locator('.activitybar').getByRole('tab', { name: beginning(name) });
    if ((await icon.getAttribute('aria-selected')) !== 'true') await icon.click();
    await this.page.locator('.part.sidebar .composite.title', { hasText: name }).waitFor();
  }

  /** The first row of the side bar with this very label (file names and tree rows alike). */
  treeRow(label) {
    const name = this.page.locator('.label-name', { hasText: exactly(label) });
    return this.page.locator('.part.sidebar .monaco-list-row').filter({ has: name }).first();
  }

  /** Opens a row's children. */
  async expand(label) {
    const row = this.treeRow(label);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === 'false')
      await row.locator('.monaco-tl-twistie').click();
    const open = async () => (await row.getAttribute('aria-expanded')) === 'true';
    await waitUntil(`${label} is open`, open);
  }

  /** Right-clicks a row and chooses an item of its menu. */
  async contextMenu(label, item) {
    await this.openMenu(label, item);
    await this.chooseFromMenu(item);
  }

  /** Right-clicks a row and points at an item of its menu. */
  async openMenu(label, item) {
    await this.treeRow(label).click({ button: 'right' });
    await this.page.getByRole('menuitem', { name: beginning(item) }).hover();
  }

  /** Chooses an item of the open menu. */
  async chooseFromMenu(item) {
    const entry = this.page.getByRole('menuitem', { name: beginning(item) });
    // A menu passes over a click that comes with its opening, taking it for the end of the right click.
    await entry.click({ delay: 150 });
    await entry.waitFor({ state: 'hidden' });
  }

  /** Types into the open input box or quick pick whose title or text has `title`, and accepts. */
  async quickInput(title, value) {
    const box = this.page.locator('.quick-input-widget:visible', { hasText: title });
    await box.waitFor();
    await this.#input.fill(value);
    await box.locator('.monaco-list-row', { hasText: value }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await box.waitFor({ state: 'hidden' });
  }

  /** Types a folder into the open file dialog and presses its button. */
  async folderDialog(folder, button) {
    const box = this.page.locator('.quick-input-widget:visible');
    const accept = box.locator('.monaco-button', { hasText: button });
    await accept.waitFor();
    // The dialog puts its own folder into the box once it has listed it, over what was typed before.
    await box.locator('.monaco-list-row').first().waitFor();
    await waitUntil(`the dialog takes ${folder}`, async () => {
      await this.#input.fill(`${folder}/`);
      await this.page.waitForTimeout(300);
      return (await this.#input.inputValue()) === `${folder}/`;
    });
    await accept.click();
    await box.waitFor({ state: 'hidden' });
  }

  /** Waits for a notification with this text and gives its locator. */
  async notification(text) {
    const toast = this.#toast(text);
    await toast.waitFor();
    return toast;
  }

  /** Waits until no notification with this text is left. */
  async notificationGone(text) {
    await this.#toast(text).waitFor({ state: 'hidden' });
  }

  /** Presses a button of a notification. */
  async answerNotification(text, button) {
    const toast = await this.notification(text);
    await toast.hover();
    await toast.getByRole('button', { name: button }).click();
  }

  /** Closes the notifications, so that they cover nothing. */
  async clearNotifications() {
    await this.palette('Notifications: Clear All Notifications');
  }

  /** The frame of the webview that holds the css. */
  webview(css) {
    return findWebview(this.page, css);
  }

  /** Takes the mouse away from what it is over, so that its tooltip goes. */
  async leave() {
    await this.page.mouse.move(700, 895);
    await this.page.locator('.workbench-hover-container:visible').waitFor({ state: 'hidden' });
  }

  /** Switches the colour theme, and waits until it is on; `kind` is 'light' or 'dark'. */
  async theme(kind) {
    await this.palette('Preferences: Color Theme');
    const name = { light: 'Light Modern', dark: 'Dark Modern' }[kind];
    await this.pick(name);
    const css = { light: '.monaco-workbench.vs:not(.vs-dark)', dark: '.monaco-workbench.vs-dark' }[kind];
    await this.page.locator(css).waitFor();
  }

  #toast(text) {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
  }

  get #input() {
    return this.page.locator('.quick-input-widget:visible input').first();
  }
}

async function waitUntil(what, holds) {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited in vain until ${what}`);
}
