import * as vscode from 'vscode';
import { page, type PageCall } from './page';

/**
 * The notification that says `text`, in the opened list of notifications: VS Code lets no more than three come up on
 * their own within 800 ms, the others only stand there. Takes the focus.
 */
export async function notification(text: string): Promise<PageCall> {
  await vscode.commands.executeCommand('notifications.showList');
  return ['locator', '.notifications-center .notification-list-item', { hasText: text }];
}

/** Clicks a button of a notification, and puts the list away: it would take the keys of what opens next. */
export async function clickInNotification(text: string, button: string): Promise<void> {
  await page(await notification(text), ['getByRole', 'button', { name: button, exact: true }], ['click']);
  await vscode.commands.executeCommand('notifications.hideList');
}
