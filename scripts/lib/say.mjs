// What the scripts tell the person in front of the terminal: one short line a step.

/** `✓ Dependencies  ready` */
export const done = (what, detail = '') => console.log(`✓ ${what}${detail && `  ${detail}`}`);

/** `✗ Lint  3 problems` */
export const failed = (what, detail = '') => console.log(`✗ ${what}${detail && `  ${detail}`}`);

/** `… VS Code  installing` */
export const doing = (what, detail = '') => console.log(`… ${what}${detail && `  ${detail}`}`);

/** A line that asks for attention. */
export const note = (text) => console.log(`! ${text}`);

/** `1.2 s` for a moment taken by `Date.now()`. */
export const since = (started) => `${((Date.now() - started) / 1000).toFixed(1)} s`;
