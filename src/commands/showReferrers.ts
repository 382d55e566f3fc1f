import { askText } from '../host/askText';
import { pickOrType } from '../host/pickOrType';
import { withProgress } from '../host/progress';
import { recent } from '../host/recent';
import { referenceText, tagOrDigest } from '../host/rowTarget';
import { shortDigest } from '../oci/digest';
import { discover } from '../operations/discover';
import { askManifest, repositoryOf } from './askManifest';
import { oftenAttached, typeSuggestion } from './attachmentTypes';
import { attempt } from './attempt';
import { artifactTypeProblem } from './push';
import { referrersText } from './referrersText';
import type { Command, Services } from './services';

/** Shows the whole tree of what refers to a manifest as a document. */
export const showReferrers: Command = async (services, row) => {
  const target = await askManifest(services, row, 'Show referrers: of what');
  if (!target) return;
  const text = referenceText(target);
  const filter = await askFilter(services, text);
  if (!filter) return;
  await attempt(services, { what: `The referrers of ${text} were not read`, host: target.host }, async () => {
    const during = `Looking for the referrers of ${text}`;
    const discovery = await withProgress(during, ({ signal }) =>
      discover(repositoryOf(services, target, during), tagOrDigest(target), { ...filter, signal }),
    );
    const name = `referrers-${shortDigest(discovery.root.descriptor.digest)}.txt`;
    await services.texts.open({ name, text: referrersText(text, discovery) });
  });
};

interface Filter {
  readonly artifactType?: string;
  readonly depth?: number;
}

const ANY = '*';

async function askFilter({ state }: Services, text: string): Promise<Filter | undefined> {
  const types = [...new Set([...recent(state, 'attachmentType'), ...oftenAttached])];
  const type = await pickOrType({
    title: `Referrers of ${text} (1/2): artifact type`,
    placeholder: 'Referrers of every type, or of one media type',
    suggestions: [
      { value: ANY, description: 'every type', icon: 'references' },
      ...types.map(typeSuggestion),
    ],
    problem: (typed) => (typed === ANY ? undefined : artifactTypeProblem(typed)),
  });
  if (type === undefined) return undefined;
  const depth = await askText({
    title: `Referrers of ${text} (2/2): depth`,
    prompt: '1 shows what refers to it directly. Leave it empty for what refers to that, and so on.',
    ignoreFocusOut: true,
    validateInput: (typed) => (/^(?:[1-9]\d{0,2})?$/.test(typed) ? undefined : 'A number from 1 to 999.'),
  });
  if (depth === undefined) return undefined;
  return { ...(type !== ANY && { artifactType: type }), ...(depth && { depth: Number(depth) }) };
}
