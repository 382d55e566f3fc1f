import assert from 'node:assert/strict';
import type { PushForm } from '../../../media/pushForm/messages';
import type { PushDefinition } from '../../../src/oci/pushDefinition';
import { definitionOf, formOf, lastingDefinition, problemsOf } from '../../../src/views/pushFormContent';

const NOW = '2026-01-02T03:04:05Z';

const everything: Required<PushDefinition> = {
  to: 'localhost:5000/team/policies:v1,latest',
  artifactType: 'application/vnd.example.v1',
  files: [
    { path: 'a.txt' },
    { path: '/b/c.json', title: 'other.json', mediaType: 'application/json', annotations: { a: '1' } },
  ],
  config: { path: 'config.json', mediaType: 'application/vnd.example.config' },
  annotations: { first: '', second: ' kept as it is ' },
  configAnnotations: { of: 'config' },
  annotationFile: 'annotations.json',
  imageSpec: 'v1.0',
  artifactPlatform: 'linux/arm/v7',
  created: '2024-05-06T07:08:09Z',
  ignoreFile: 'none',
  keepModes: true,
  gitStamp: true,
  mountFrom: ['team/base', 'team/other'],
  force: true,
  exportManifest: 'out/manifest.json',
};

const form = (change: Partial<PushForm> = {}): PushForm => ({
  ...formOf({ to: 'localhost:5000/team/app:v1', files: [{ path: 'a' }, { path: 'b' }] }, NOW),
  ...change,
});

describe('the content of the push form', () => {
  it('loses nothing of a definition', () => {
    assert.deepEqual(definitionOf(formOf(everything, NOW)), everything);
  });

  it('shows a file of elsewhere by its name, as it will be pushed', () => {
    const elsewhere = { to: 'localhost:5000/team/app:v1', files: [{ path: '/b/c.json' }], created: NOW };
    const shown = formOf(elsewhere, NOW);
    assert.equal(shown.files[0]?.title, 'c.json');
    assert.deepEqual(problemsOf(shown), {});
    assert.deepEqual(definitionOf(shown), elsewhere);
  });

  it('leaves out what is not given, but for the time that it shows', () => {
    const bare = { to: 'layout:/somewhere/app:v1', files: [] };
    assert.deepEqual(definitionOf(formOf(bare, NOW)), { ...bare, created: NOW });
    assert.deepEqual(lastingDefinition(formOf(bare, NOW), NOW), bare);
  });

  it('keeps a time that somebody chose', () => {
    const chosen = form({ created: '2024-05-06T07:08:09Z' });
    assert.equal(lastingDefinition(chosen, NOW).created, '2024-05-06T07:08:09Z');
  });

  it('puts repository and tags together, whatever the spaces', () => {
    const { to } = definitionOf(form({ repository: ' localhost:5000/team/app ', tags: ' v1 ,, latest, ' }));
    assert.equal(to, 'localhost:5000/team/app:v1,latest');
    assert.equal(definitionOf(form({ tags: '' })).to, 'localhost:5000/team/app');
  });

  it('takes no notice of rows without key and value', () => {
    const annotations = [
      { key: '', value: '' },
      { key: ' a ', value: '1' },
    ];
    assert.deepEqual(problemsOf(form({ annotations })), {});
    assert.deepEqual(definitionOf(form({ annotations })).annotations, { a: '1' });
  });

  it('finds nothing wrong with what is right', () => {
    assert.deepEqual(problemsOf(formOf(everything, NOW)), {});
  });

  const twice = [{ path: 'a', title: 'same', mediaType: '' }];
  const pair = (key: string, value = '1') => ({ key, value });
  const wrong: readonly (readonly [Partial<PushForm>, field: string, said: RegExp])[] = [
    [{ repository: '' }, 'repository', /^Type where to push to/],
    [{ repository: 'https://example.com/a' }, 'repository', /written without https:\/\//],
    [{ repository: 'localhost:5000/Team' }, 'repository', /lower case/],
    [{ repository: 'localhost:5000/team:v1' }, 'repository', /^Tags have a field of their own/],
    [{ repository: 'localhost:5000/team@sha256:00' }, 'repository', /digest/],
    [{ tags: 'v1, -bad' }, 'tags', /"-bad" is not a tag/],
    [{ artifactType: 'text' }, 'artifactType', /type\/subtype/],
    [{ configType: 'a b/c' }, 'configType', /type\/subtype/],
    [{ artifactPlatform: 'linux' }, 'artifactPlatform', /os\/architecture/],
    [{ created: '2024-02-30T00:00:00Z' }, 'created', /RFC 3339/],
    [{ mountFrom: 'team/base, Team' }, 'mountFrom', /lower case/],
    [{ files: [...twice, ...twice] }, 'files.1.title', /^Another file has this title\.$/],
    [{ files: [{ path: 'a', title: '../a', mediaType: '' }] }, 'files.0.title', /"\.\." part/],
    [{ files: [{ path: 'a', title: 'a', mediaType: 'x' }] }, 'files.0.mediaType', /type\/subtype/],
    [{ annotations: [pair('a'), pair('a')] }, 'annotations.1.key', /there already/],
    [{ configAnnotations: [pair('')] }, 'configAnnotations.0.key', /^The key is missing\.$/],
  ];
  for (const [change, field, said] of wrong) {
    it(`says what is wrong with ${JSON.stringify(change)}`, () => {
      const problems = problemsOf(form(change));
      assert.deepEqual(Object.keys(problems), [field]);
      assert.match(problems[field] ?? '', said);
    });
  }
});
