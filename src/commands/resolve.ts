import * as vscode from 'vscode';
import { showInformation } from '../host/messages';
import { withProgress } from '../host/progress';
import { referenceText, tagOrDigest } from '../host/rowTarget';
import { askManifest, repositoryOf } from './askManifest';
import { attempt } from './attempt';
import type { Command } from './services';

/** Says which digest a reference stands for, to be copied. */
export const resolveReference: Command = async (services, row) => {
  const target = await askManifest(services, row, 'Resolve');
  if (!target) return;
  const { host, repository } = target;
  const text = referenceText(target);
  await attempt(services, { what: `${text} was not resolved`, host }, async () => {
    const during = `Resolving ${text}`;
    const { digest } = await withProgress(during, ({ signal }) =>
      repositoryOf(services, target, during).resolve(tagOrDigest(target), { signal }),
    );
    const message = `${text} is ${digest}`;
    void showInformation(message, 'Copy digest', 'Copy reference').then((chosen) => {
      if (!chosen) return undefined;
      const copied = chosen === 'Copy digest' ? digest : `${host}/${repository}@${digest}`;
      return vscode.env.clipboard.writeText(copied);
    });
  });
};
