import '@vscode-elements/elements/dist/vscode-collapsible/index.js';
import { element } from '../common/element';
import { checkbox, choice, fillField, textField } from './fields';
import { FilesTable } from './filesTable';
import { FormState } from './formState';
import { host } from './host';
import type { FormOffers, PushForm, ToPage } from './messages';
import { pairsEditor } from './pairs';
import { PreviewPane } from './previewPane';
import { PushBar } from './pushBar';

const root = document.getElementById('root') ?? document.body;
const kept = host.getState();
const openSections = new Set(kept?.openSections ?? ['Annotations']);
let page: Page | undefined;
/** The preview stays below the head, however much that has to say. */
const heightWatch = new ResizeObserver(([head]) => {
  const height = head?.borderBoxSize[0]?.blockSize ?? 0;
  document.documentElement.style.setProperty('--head-height', `${height}px`);
});

/** The parts of the page that messages change. */
interface Page {
  readonly state: FormState;
  readonly bar: PushBar;
  readonly files: FilesTable;
  readonly preview: PreviewPane;
}

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => receive(data));
window.addEventListener('scroll', keepPlace);
host.postMessage({ type: 'ready' });

function receive(message: ToPage): void {
  if (message.type === 'form') return draw(message);
  if (!page || isOutdated(message, page.state.revision)) return;
  show(message, page);
}

/** An answer to a form that has changed since. */
function isOutdated(message: ToPage, revision: number): boolean {
  return 'revision' in message && message.revision !== revision;
}

function show(message: Exclude<ToPage, { type: 'form' }>, { state, bar, files, preview }: Page): void {
  switch (message.type) {
    case 'offers':
      return offer(message.offers, bar);
    case 'files':
      state.update({ files: [...state.form.files, ...message.files] });
      return files.learn(message.facts);
    case 'chosen':
      return fillField(message.field, message.value);
    case 'checked':
      state.showProblems(message.problems);
      bar.showProblems(Object.values(message.problems));
      if (!message.isReadable) preview.stop('It appears when every field is right.');
      return;
    case 'reading':
      bar.showReadable(true);
      return preview.wait(message.message);
    case 'preview':
      bar.showReadable(true);
      files.showSizes(message.preview.layerSizes);
      return preview.show(message.preview);
    case 'previewFailed':
      bar.showReadable(false);
      return preview.fail(message.message);
    case 'pushing':
      return bar.showPushing(message.to);
    case 'pushed':
      return bar.showPushed(message.message, message.reference);
    case 'notPushed':
      return bar.showFailure(message.message);
  }
}

function draw({ form, facts, offers, revision }: Extract<ToPage, { type: 'form' }>): void {
  const preview = new PreviewPane();
  const bar = new PushBar();
  const state = new FormState(form, revision, () => preview.wait('Updating…'));
  const files = new FilesTable(state);
  page = { state, bar, files, preview };
  const fields = element('div', { className: 'fields' }, ...sections(state, files));
  heightWatch.observe(bar.node);
  root.replaceChildren(bar.node, element('div', { className: 'columns' }, fields, preview.node));
  files.learn(facts);
  offer(offers, bar);
  state.tell();
  window.scrollTo(0, kept?.scrollTop ?? 0);
}

function sections(state: FormState, files: FilesTable): HTMLElement[] {
  return [
    textField(state, 'repository', {
      label: 'Repository',
      placeholder: 'registry/repository',
      choose: 'Choose…',
    }),
    textField(state, 'tags', {
      label: 'Tags',
      placeholder: 'v1, latest',
      help: 'Separated by commas. Without a tag, the artifact is found by its digest alone.',
    }),
    textField(state, 'artifactType', {
      label: 'Artifact type',
      placeholder: 'application/vnd.unknown.artifact.v1',
      help: 'What this is, as a media type.',
      choose: 'Choose…',
    }),
    element('h2', {}, 'Files and folders'),
    files.node,
    section('Annotations', state.form, annotationFields(state)),
    section('Config', state.form, configFields(state)),
    section('Content', state.form, contentFields(state)),
    section('More', state.form, moreFields(state)),
  ];
}

function annotationFields(state: FormState): HTMLElement[] {
  return [
    pairsEditor(state, 'annotations', 'annotation'),
    textField(state, 'created', {
      label: 'Created',
      placeholder: 'the time of the push',
      help: 'The time at which this form was opened, so that the preview and the push have the same digest.',
      choose: 'Now',
    }),
    checkbox(state, 'gitStamp', 'Add git source and revision', ''),
    textField(state, 'annotationFile', {
      label: 'Annotation file',
      placeholder: 'annotations.json',
      help: 'JSON with annotations for "$manifest", "$config" and each file. Those above count more.',
      choose: 'Choose…',
    }),
  ];
}

function configFields(state: FormState): HTMLElement[] {
  return [
    textField(state, 'configPath', {
      label: 'Config file',
      placeholder: 'none: an empty config',
      choose: 'Choose…',
    }),
    textField(state, 'configType', {
      label: 'Media type of the config',
      placeholder: 'application/vnd.unknown.config.v1+json',
    }),
    textField(state, 'artifactPlatform', {
      label: 'Artifact platform',
      placeholder: 'linux/amd64',
      help: 'Writes an image config that names this platform. Not together with a config file.',
    }),
    element('h3', {}, 'Annotations of the config'),
    pairsEditor(state, 'configAnnotations', 'config annotation'),
  ];
}

function contentFields(state: FormState): HTMLElement[] {
  return [
    textField(state, 'ignoreFile', {
      label: 'Ignore file',
      placeholder: '.ociignore',
      help: 'The name of the files in folders that say what is not pushed. "none" pushes everything.',
    }),
    checkbox(
      state,
      'keepModes',
      'Keep permissions of single files',
      'Those of files in folders are kept in any case.',
    ),
  ];
}

function moreFields(state: FormState): HTMLElement[] {
  return [
    choice(
      state,
      'imageSpec',
      { label: 'Image spec', help: 'v1.0 is for registries and tools that do not know artifact types.' },
      [
        ['', 'Automatic (v1.1; v1.0 for a config without artifact type)'],
        ['v1.1', 'v1.1'],
        ['v1.0', 'v1.0'],
      ],
    ),
    textField(state, 'mountFrom', {
      label: 'Take blobs from',
      placeholder: 'team/base, team/other',
      help: 'Repositories of the same registry that may have the content: it is mounted, not sent again.',
    }),
    checkbox(
      state,
      'force',
      'Check every blob again',
      'Sends the manifest also where it is there already; each blob is looked for in any case.',
    ),
    textField(state, 'exportManifest', {
      label: 'Write the manifest to',
      placeholder: 'nowhere',
      help: 'A file that gets the manifest after the push.',
      choose: 'Choose…',
    }),
  ];
}

function section(heading: string, form: PushForm, fields: readonly HTMLElement[]): HTMLElement {
  const open = openSections.has(heading) || hasContent(heading, form);
  const made = element(
    'vscode-collapsible',
    { heading, open },
    element('div', { className: 'section' }, ...fields),
  );
  made.addEventListener('vsc-collapsible-toggle', (event) => {
    if ((event as CustomEvent<{ open: boolean }>).detail.open) openSections.add(heading);
    else openSections.delete(heading);
    keepPlace();
  });
  return made;
}

/** A section that says something is not hidden. */
function hasContent(heading: string, form: PushForm): boolean {
  if (heading === 'Config')
    return `${form.configPath}${form.artifactPlatform}` !== '' || form.configAnnotations.length > 0;
  if (heading === 'Content') return form.ignoreFile !== '' || form.keepModes;
  if (heading === 'More')
    return `${form.imageSpec}${form.mountFrom}${form.exportManifest}` !== '' || form.force;
  return false;
}

function offer({ gitStampProblem, canSave }: FormOffers, bar: PushBar): void {
  const box = document.getElementById('gitStamp') as (HTMLElement & { disabled: boolean }) | null;
  if (box) box.disabled = gitStampProblem !== '';
  const help = box?.parentElement?.querySelector('vscode-form-helper p');
  const what =
    'Annotations with the address of the git repository and the commit, "-dirty" when files differ.';
  if (help) help.textContent = gitStampProblem || what;
  bar.offerSaving(canSave);
}

function keepPlace(): void {
  host.setState({ openSections: [...openSections], scrollTop: window.scrollY });
}
