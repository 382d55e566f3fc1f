import { element } from '../common/element';
import { button, iconButton, problemPlace, textInput } from './fields';
import type { FormState } from './formState';

/** Rows of keys and values, with ways to add and remove one. `what` names one row: `annotation`. */
export function pairsEditor(
  state: FormState,
  name: 'annotations' | 'configAnnotations',
  what: string,
): HTMLElement {
  const node = element('div', { className: 'field pairs', id: name });
  const draw = () => {
    const rows = state.form[name].map((_, at) => pairRow(state, { name, what, at }, draw));
    const add = button(`Add ${what}`, () => {
      state.update({ [name]: [...state.form[name], { key: '', value: '' }] });
      draw();
      node.querySelector<HTMLElement>('.pair:last-of-type vscode-textfield')?.focus();
    });
    node.replaceChildren(...rows, add);
  };
  draw();
  return node;
}

interface PairPlace {
  readonly name: 'annotations' | 'configAnnotations';
  readonly what: string;
  readonly at: number;
}

function pairRow(state: FormState, { name, what, at }: PairPlace, draw: () => void): HTMLElement {
  const pair = state.form[name][at];
  const key = textInput({
    label: `Key of ${what} ${at + 1}`,
    value: pair?.key ?? '',
    placeholder: 'org.opencontainers.image.description',
    onInput: (text) => state.updateEntry(name, at, { key: text }),
  });
  const value = textInput({
    label: `Value of ${what} ${at + 1}`,
    value: pair?.value ?? '',
    placeholder: 'Value',
    onInput: (text) => state.updateEntry(name, at, { value: text }),
  });
  const remove = iconButton('close', `Remove ${what} ${at + 1}`, () => {
    state.removeEntry(name, at);
    draw();
  });
  const line = element('div', { className: 'line' }, key, value, remove);
  return element('div', { className: 'pair' }, line, problemPlace(state, `${name}.${at}.key`, key));
}
