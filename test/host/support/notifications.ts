import * as vscode from 'vscode';
import { page, type PageCall } from './page';

const TIMEOUT_MS = 20_000;
const LOOK_MS = 1000;

/**
 * The notification that says `text`, once it stands in the opened list of notifications: VS Code lets no more than three
 * come up on their own within 800 ms, and closes the list when the last one in it goes. Takes the focus.
 */
export async function notification(text: string): Promise<PageCall> {
  const item: PageCall = ['locator', '.notifications-center .notification-list-item', { hasText: text }];
  for (const endMs = Date.now() + TIMEOUT_MS; ;) {
    await vscode.commands.executeCommand('notifications.showList');
    try {
      await page(item, ['first'], ['waitFor', { timeout: LOOK_MS }]);
      return item;
    } catch (error) {
      if (Date.now() > endMs) throw error;
    }
  }
}

/** Clicks a button of a notification, and puts the list away: it would take the keys of what opens next. */
export async function clickInNotification(text: string, button: string): Promise<void> {
  await page(await notification(text), ['getByRole', 'button', { name: button, exact: true }], ['click']);
  await vscode.commands.executeCommand('notifications.hideList');
}
