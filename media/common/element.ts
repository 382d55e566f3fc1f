/** An element with properties set, and children behind each other. Text goes in as text, never as markup. */
export function element(
  name: string,
  members: Readonly<Record<string, unknown>> = {},
  ...children: readonly (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  Object.assign(made, members);
  made.append(...children);
  return made;
}
