import type { FromPage } from './messages';

/** What the page keeps while it is hidden: where it was, not what it holds. */
export interface PageState {
  readonly openSections: readonly string[];
  readonly scrollTop: number;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): PageState | undefined;
  setState(state: PageState): void;
};

/** VS Code, as the page sees it. */
export const host = acquireVsCodeApi();
