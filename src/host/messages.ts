import * as vscode from 'vscode';
import { plainLines, plainText } from './plainText';

type Show = 'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage';
type Rest = readonly (string | vscode.MessageOptions)[];
type PlainShow = (message: string, ...rest: Rest) => Thenable<string | undefined>;

/** Says something in a notification, or asks in a dialog when the options say `modal`; resolves with the button. */
export const showInformation = plainly('showInformationMessage');

/** The same as a warning. */
export const showWarning = plainly('showWarningMessage');

/** The same as an error; see `showError` for those that were thrown. */
export const showFailure = plainly('showErrorMessage');

/** Texts of registries and files are part of most messages: none of them is a link. */
function plainly(name: Show): PlainShow {
  return (message, ...rest) => {
    const show: PlainShow = vscode.window[name];
    return show(plainText(message), ...rest.map(plainOptions));
  };
}

function plainOptions(part: Rest[number]): Rest[number] {
  return typeof part === 'string' || !part.detail ? part : { ...part, detail: plainLines(part.detail) };
}
