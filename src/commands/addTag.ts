import { withProgress } from '../host/progress';
import { referenceText, tagOrDigest } from '../host/rowTarget';
import { tag } from '../operations/tag';
import { announce } from './announce';
import { askManifest, repositoryOf } from './askManifest';
import { askTagNames } from './askTagNames';
import { attempt } from './attempt';
import { confirmMoves } from './confirmMoves';
import type { Command } from './services';

/** Points one or several tags at the manifest of a row, or at one whose reference is typed. */
export const addTag: Command = async (services, row) => {
  const target = await askManifest(services, row, 'Add tag: to what');
  if (!target) return;
  const text = referenceText(target);
  const prompt = 'One tag, or several with spaces between them';
  const tags = await askTagNames({ title: `Add tags to ${text}`, prompt, least: 1 });
  if (!tags) return;
  const { host, repository } = target;
  await attempt(services, { what: `${text} was not tagged`, host }, async () => {
    const during = `Tagging ${text}`;
    const registry = repositoryOf(services, target, during);
    const { digest } = await registry.resolve(tagOrDigest(target));
    if (!(await confirmMoves(registry, { text: `${host}/${repository}`, tags, digest }))) return;
    const descriptor = await withProgress(during, ({ signal }) => tag(registry, digest, { tags, signal }));
    void announce(services, `Tagged ${text}: ${tags.join(', ')}.`, { host, repository, descriptor });
    services.tree.refreshHost(host);
    await services.tree.reveal({ registry: host, repository, tag: tags[0] ?? '' });
  });
};
