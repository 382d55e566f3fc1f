import assert from 'node:assert/strict';
import { parseArtifactsFile } from '../../../../src/host/artifactsFile/artifactsFile';
import { DefinitionError } from '../../../../src/oci/errors';

const FILE = '/ws/.oci/artifacts.json';
const TEXT = `// What we push.
{
  "artifacts": {
    "policies": {
      "to": "localhost:5000/team/policies:v1", // one tag
      "files": [
        "policies",
        { "path": "b.txt", "title": "c.txt" },
      ],
    },
  },
  /* and pull */
  "pulls": { "base": { "from": "localhost:5000/team/base:v1", "into": "vendor" } },
}
`;

describe('parseArtifactsFile', () => {
  const wordAt = ({ line, column }: { line: number; column: number }) =>
    TEXT.split('\n')[line - 1]?.slice(column - 1) ?? '';

  it('reads definitions with comments and trailing commas', () => {
    const entries = parseArtifactsFile(TEXT, FILE).map(({ action, name, value }) => ({
      action,
      name,
      value,
    }));
    assert.deepEqual(JSON.parse(JSON.stringify(entries)), [
      {
        action: 'push',
        name: 'policies',
        value: {
          to: 'localhost:5000/team/policies:v1',
          files: ['policies', { path: 'b.txt', title: 'c.txt' }],
        },
      },
      { action: 'pull', name: 'base', value: { from: 'localhost:5000/team/base:v1', into: 'vendor' } },
    ]);
  });

  it('knows where members stand, and of what is not there where it would be', () => {
    const [push, pull] = parseArtifactsFile(TEXT, FILE);
    assert.ok(push && pull);
    for (const [path, start] of [
      [[], '"policies": {'],
      [['to'], '"to"'],
      [['files', 0], '"policies",'],
      [['files', 0, 'path'], '"policies",'],
      [['files', 1], '{ "path"'],
      [['files', 1, 'title'], '"title"'],
      [['files', 1, 'mediaType'], '{ "path"'],
      [['config', 'path'], '"policies": {'],
    ] as const) {
      const place = push.placeOf(path);
      assert.equal(place.file, FILE);
      assert.ok(wordAt(place).startsWith(start), `${path.join('.')}: ${wordAt(place)}`);
    }
    assert.ok(wordAt(pull.placeOf(['into'])).startsWith('"into": "vendor"'));
  });

  it('counts lines of every kind', () => {
    const text = '{\r\n"artifacts": {\r\n  "a": {}\r\n}}';
    const { line, column } = parseArtifactsFile(text, FILE)[0]?.placeOf([]) ?? assert.fail();
    assert.deepEqual([line, column], [3, 3]);
  });

  it('takes a byte order mark', () => {
    assert.deepEqual(parseArtifactsFile('\uFEFF{}', FILE), []);
  });

  for (const [text, line, column, said] of [
    ['', 1, 1, /the file is not JSON: value expected/],
    ['[]', 1, 1, /not a JSON object/],
    ['{ "artifacts": { "a" } }', 1, 22, /the file is not JSON: colon expected/],
    ['{\n  "artefacts": {} }', 2, 3, /"artefacts" is not known/],
    ['{ "artifacts": [] }', 1, 16, /"artifacts" is not an object/],
    ['{ "artifacts": { "a": {}, "a": {} } }', 1, 27, /"a" appears twice/],
    ['{ "artifacts": { "a": { "to": "x",\n "to": "y" } } }', 2, 2, /"to" appears twice/],
  ] as const) {
    it(`says where ${JSON.stringify(text)} is wrong`, () => {
      assert.throws(
        () => parseArtifactsFile(text, FILE),
        (error: unknown) => {
          assert.ok(error instanceof DefinitionError);
          assert.deepEqual(error.place, { file: FILE, line, column });
          assert.match(error.message, said);
          return true;
        },
      );
    });
  }
});
