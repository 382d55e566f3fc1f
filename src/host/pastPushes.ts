import type * as vscode from 'vscode';
import type { DefinedPush } from '../oci/pushDefinition';

const KEPT = 20;
const KEY = 'pushes';

/** The pushes of a workspace with all that they were told, newest first, one a destination. */
export function pastPushes(state: vscode.Memento): readonly DefinedPush[] {
  return state.get<readonly DefinedPush[]>(KEY, []);
}

/** Puts a push first, in the place of an earlier one to the same destination. */
export async function rememberPush(state: vscode.Memento, push: DefinedPush): Promise<void> {
  const others = pastPushes(state).filter(({ definition }) => definition.to !== push.definition.to);
  await state.update(KEY, [push, ...others].slice(0, KEPT));
}
