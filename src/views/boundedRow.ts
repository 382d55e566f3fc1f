import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import { cut } from '../oci/boundedText';

const MAX_LABEL_LENGTH = 200;
const MAX_TOOLTIP_LENGTH = 2_000;
const MAX_ID_LENGTH = 1_000;

/** A row as it is handed to VS Code: a registry chooses names, titles and types, so each text of it gets an end. */
export function boundedRow(item: vscode.TreeItem): vscode.TreeItem {
  const { label, description, tooltip, accessibilityInformation: spoken, id } = item;
  if (typeof label === 'string') item.label = cut(label, MAX_LABEL_LENGTH);
  if (typeof description === 'string') item.description = cut(description, MAX_LABEL_LENGTH);
  if (typeof tooltip === 'string') item.tooltip = cut(tooltip, MAX_TOOLTIP_LENGTH);
  if (spoken) item.accessibilityInformation = { ...spoken, label: cut(spoken.label, 2 * MAX_LABEL_LENGTH) };
  if (id !== undefined) item.id = boundedId(id);
  return item;
}

/** Rows stay apart by it, also where their names begin alike. */
function boundedId(id: string): string {
  return id.length <= MAX_ID_LENGTH ? id : createHash('sha256').update(id).digest('hex');
}
