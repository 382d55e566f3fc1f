import { hasPage, screenshot } from './support/page';

afterEach(async function () {
  const { currentTest } = this;
  if (currentTest?.state !== 'failed' || !hasPage()) return;
  await screenshot(
    `failed-${currentTest
      .fullTitle()
      .replace(/[^a-zA-Z0-9]+/g, '-')
      .slice(0, 100)}`,
  );
});
