import * as vscode from 'vscode';
import { countOf } from '../host/countOf';
import { pick, pickSeveral } from '../host/pick';
import { withByteProgress } from '../host/progress';
import { messageOf } from '../oci/errors';
import { tagProblem } from '../oci/reference';
import type { TagLister } from '../oci/target';
import { listedSoFar, type ListedSoFar } from '../operations/listedSoFar';

/** The answer: the chosen tags, or all of them. */
export interface TagsAnswer {
  readonly tags?: readonly string[];
}

const MAX_OFFERED = 1_000;

/**
 * Asks for all tags of a repository or some of them; `job` begins the titles. Undefined when dismissed. Errors: those
 * of the lister.
 */
export async function askTags(job: string, source: TagLister): Promise<TagsAnswer | undefined> {
  const all = { label: 'All tags', iconPath: new vscode.ThemeIcon('tag') };
  const some = { label: 'Choose tags…', iconPath: new vscode.ThemeIcon('checklist') };
  const title = `${job}: all tags or some`;
  const chosen = await pick([all, some], { title, ignoreFocusOut: true });
  if (chosen !== some) return chosen && {};
  const { entries, more, failure } = await firstTags(source);
  if (failure && entries.length === 0) throw failure.error;
  const tags = entries.filter((tag) => tagProblem(tag) === undefined);
  const count = more ? `The first ${countOf(tags.length, 'tag')}` : countOf(tags.length, 'tag');
  const placeHolder = failure ? `${count}, the rest could not be listed: ${messageOf(failure.error)}` : count;
  const items = tags.map((tag) => ({ label: tag, tag }));
  const options = { title: `${job}: which ones`, placeHolder, ignoreFocusOut: true };
  const picked = await pickSeveral(items, options);
  return picked && picked.length > 0 ? { tags: picked.map(({ tag }) => tag) } : undefined;
}

/** Tags that came before the list failed can be chosen. */
function firstTags(source: TagLister): Promise<ListedSoFar<string>> {
  return withByteProgress('Reading the list of tags', ({ signal }) =>
    listedSoFar(source.tags({ signal }), { max: MAX_OFFERED }),
  );
}
