import type * as vscode from 'vscode';

const KEPT = 10;

/** The values used last under a name, newest first. */
export function recent(state: vscode.Memento, name: string): readonly string[] {
  return state.get<readonly string[]>(`recent.${name}`, []);
}

/** Puts a value first. */
export async function remember(state: vscode.Memento, name: string, value: string): Promise<void> {
  const others = recent(state, name).filter((known) => known !== value);
  await state.update(`recent.${name}`, [value, ...others].slice(0, KEPT));
}
