import assert from 'node:assert/strict';
import { parseArtifactsFile } from '../../../../src/host/artifactsFile/artifactsFile';
import { putDefinition } from '../../../../src/host/artifactsFile/putDefinition';
import { DefinitionError } from '../../../../src/oci/errors';
import { parsePushDefinition, type PushDefinition } from '../../../../src/oci/pushDefinition';

const FILE = '/ws/.oci/artifacts.json';
const TO = 'localhost:5000/team/policies:v1,latest';

describe('putDefinition', () => {
  const put = (content: string, definition: PushDefinition, name = 'policies') =>
    putDefinition(content, FILE, { name, definition, folder: '/ws' });
  const valueIn = (content: string, name = 'policies') =>
    JSON.parse(
      JSON.stringify(parseArtifactsFile(content, FILE).find((entry) => entry.name === name)?.value),
    ) as unknown;

  it('begins a new file with a word of what it is for', () => {
    const content = put('', { to: TO, files: [{ path: 'policies' }] });
    assert.match(content, /^\/\/ .*Push defined artifact…/);
    assert.deepEqual(valueIn(content), { to: TO, files: ['policies'] });
  });

  it('keeps comments, other definitions, indentation and line ends', () => {
    const before =
      '// mine\r\n{\r\n\t"artifacts": {\r\n\t\t// of others\r\n\t\t"other": { "to": "a/b:c" },\r\n\t},\r\n\t"pulls": {}, // none yet\r\n}\r\n';
    const after = put(before, { to: TO, files: [] });
    for (const kept of [
      '// mine\r\n',
      '// of others',
      '"other": { "to": "a/b:c" }',
      '"pulls": {}, // none yet',
    ])
      assert.ok(after.includes(kept), `${kept} is not in ${after}`);
    assert.match(after, /\r\n\t\t"policies": \{\r\n\t\t\t"to": /);
    assert.ok(!/[^\r]\n/.test(after));
    assert.deepEqual(valueIn(after, 'other'), { to: 'a/b:c' });
    assert.deepEqual(valueIn(after), { to: TO, files: [] });
  });

  it('adds the section where there is none, and lays out what it adds', () => {
    const after = put('{\n    "pulls": {}\n}\n', { to: 'a/b:c', files: [] });
    assert.equal(
      after,
      '{\n    "pulls": {},\n    "artifacts": {\n        "policies": {\n            "to": "a/b:c",\n            "files": []\n        }\n    }\n}\n',
    );
  });

  it('takes the place of one with the same name', () => {
    const before = put(put('', { to: 'a/b:old', files: [] }), { to: 'a/b:other', files: [] }, 'other');
    const after = put(before, { to: 'a/b:new', files: [] });
    assert.deepEqual(valueIn(after), { to: 'a/b:new', files: [] });
    assert.deepEqual(valueIn(after, 'other'), { to: 'a/b:other', files: [] });
  });

  it('makes paths of the folder relative, and keeps the titles that they stood for', () => {
    const definition: PushDefinition = {
      to: 'layout:/ws/out/layout:v1',
      artifactType: 'application/vnd.example.v1',
      files: [
        { path: '/ws/sub/a.txt' },
        { path: '/ws/sub/b.txt', title: 'sub/b.txt', mediaType: 'text/plain' },
        { path: '/ws/sub/c.txt', title: 'sub/c.txt' },
        { path: 'd.txt' },
        { path: '/elsewhere/e.txt' },
      ],
      config: { path: '/ws/config.json' },
      annotationFile: '/ws/annotations.json',
      exportManifest: '/ws/out/manifest.json',
    };
    assert.deepEqual(valueIn(put('', definition)), {
      to: 'layout:out/layout:v1',
      artifactType: 'application/vnd.example.v1',
      files: [
        { path: 'sub/a.txt', title: 'a.txt' },
        { path: 'sub/b.txt', mediaType: 'text/plain' },
        'sub/c.txt',
        'd.txt',
        { path: '/elsewhere/e.txt', title: 'e.txt' },
      ],
      config: 'config.json',
      annotationFile: 'annotations.json',
      exportManifest: 'out/manifest.json',
    });
  });

  it('keeps every member of a definition', () => {
    const definition: PushDefinition = {
      to: TO,
      artifactType: 'application/vnd.example.v1',
      files: [{ path: 'a', title: 'b', mediaType: 'text/plain', annotations: { x: '1' } }],
      config: { path: 'config.json', mediaType: 'application/json' },
      annotations: { a: '<b> & "c"' },
      configAnnotations: { a: '' },
      annotationFile: 'annotations.json',
      imageSpec: 'v1.1',
      artifactPlatform: 'linux/amd64',
      created: '2024-05-06T07:08:09Z',
      ignoreFile: 'none',
      keepModes: true,
      gitStamp: false,
      mountFrom: ['team/base'],
      force: true,
      exportManifest: 'manifest.json',
    };
    assert.deepEqual(parsePushDefinition(valueIn(put('', definition)), 'it'), definition);
  });

  it('changes nothing in a file that is not right', () => {
    assert.throws(() => put('{ "artifacts": ', { to: TO, files: [] }), DefinitionError);
  });
});
