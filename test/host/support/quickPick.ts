import { page, type PageCall } from './page';

/** Turns the boxes of some items of the open quick pick that says `title`, and accepts. */
export async function tick(title: string, ...labels: readonly string[]): Promise<void> {
  const box: PageCall = ['locator', '.quick-input-widget:visible', { hasText: title }];
  await page(box, ['waitFor']);
  for (const label of labels) {
    const list: PageCall = ['locator', '.quick-input-list'];
    await page(box, list, ['getByText', label, { exact: true }], ['first'], ['click']);
  }
  await page(box, ['getByRole', 'button', { name: 'OK' }], ['click']);
  await page(box, ['waitFor', { state: 'hidden' }]);
}
