import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parseArtifactsFile } from '../../../src/host/artifactsFile/artifactsFile';
import type { MemberChecks } from '../../../src/oci/memberChecks';
import { PULL_MEMBERS, pullDefinitionProblem } from '../../../src/oci/pullDefinition';
import {
  CONFIG_MEMBERS,
  FILE_MEMBERS,
  PUSH_MEMBERS,
  pushDefinitionProblem,
} from '../../../src/oci/pushDefinition';
import { projectRoot } from '../../support/projectRoot';

interface Schema {
  readonly type?: string | readonly string[];
  readonly markdownDescription?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly else?: Schema;
}

function json<T>(file: string): T {
  return JSON.parse(readFileSync(path.join(projectRoot(), file), 'utf8')) as T;
}

const schema = json<Schema & { readonly definitions: Readonly<Record<'push' | 'pull', Schema>> }>(
  'schemas/artifacts.schema.json',
);
const { push, pull } = schema.definitions;
const { contributes } = json<{
  readonly contributes: { readonly taskDefinitions: readonly [Schema] };
}>('package.json');

const to = 'localhost:5000/team/policies:v1,latest';
const from = 'localhost:5000/team/policies:v1';

/** One value of each JSON type. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  string: 'localhost:5000/a/b:v1',
  boolean: true,
  number: 1,
  array: ['a'],
  object: {},
};

describe('the schema of .oci/artifacts.json', () => {
  const ajv = new Ajv({ strict: false });
  const whole = ajv.compile(schema);
  const judgeOf =
    (section: string): ((definition: unknown) => boolean) =>
    (definition) =>
      whole({ [section]: { it: definition } });
  const judges = { push: judgeOf('artifacts'), pull: judgeOf('pulls') };

  for (const [name, part, checks] of [
    ['push', push, PUSH_MEMBERS],
    ['file', push.properties?.['files']?.items?.else ?? {}, FILE_MEMBERS],
    ['config', push.properties?.['config']?.else ?? {}, CONFIG_MEMBERS],
    ['pull', pull, PULL_MEMBERS],
  ] as const) {
    it(`has the members of a ${name}, each with a word of what it is`, () => {
      assert.deepEqual(Object.keys(part.properties ?? {}).sort(), Object.keys(checks).sort());
      for (const [member, { markdownDescription }] of Object.entries(part.properties ?? {}))
        assert.ok(markdownDescription, member);
    });
    it(`takes the same types for the members of a ${name} as the parser`, () =>
      assertSameTypes(ajv, part, checks));
  }

  for (const [action, definition, good] of [
    ['push', { to }, true],
    ['push', { to, files: ['a', { path: 'b', title: 'c', mediaType: 'd/e', annotations: { f: '' } }] }, true],
    ['push', { to, config: 'a' }, true],
    ['push', { to, config: { path: 'a', mediaType: 'b/c' } }, true],
    ['push', { to: 'layout:/out/layout:v1', imageSpec: 'v1.0' }, true],
    ['push', {}, false],
    ['push', [], false],
    ['push', { to: 'nowhere' }, false],
    ['push', { to: '' }, false],
    ['push', { to, artefactType: 'a/b' }, false],
    ['push', { to, artifactType: '' }, false],
    ['push', { to, files: [''] }, false],
    ['push', { to, files: [1] }, false],
    ['push', { to, files: [{ title: 'a' }] }, false],
    ['push', { to, files: [{ path: 'a', type: 'b' }] }, false],
    ['push', { to, config: { mediaType: 'a/b' } }, false],
    ['push', { to, annotations: { a: 1 } }, false],
    ['push', { to, imageSpec: '1.1' }, false],
    ['push', { to, mountFrom: ['a', ''] }, false],
    ['pull', { from, into: 'a' }, true],
    ['pull', { from: 'layout:/out/layout:v1', into: 'a', titles: ['b'], keepExisting: true }, true],
    ['pull', { from: `localhost/a@sha256:${'0'.repeat(64)}`, into: 'a' }, true],
    ['pull', { from }, false],
    ['pull', { into: 'a' }, false],
    ['pull', { from: 'localhost/a', into: 'a' }, false],
    ['pull', { from, into: 'a', to }, false],
    ['pull', { from, into: 'a', mediaTypes: 'b' }, false],
  ] as const) {
    it(`and the parser ${good ? 'take' : 'refuse'} the ${action} ${JSON.stringify(definition)}`, () => {
      const problemOf = action === 'push' ? pushDefinitionProblem : pullDefinitionProblem;
      assert.equal(judges[action](definition), good, ajv.errorsText(whole.errors));
      assert.equal(problemOf(definition) === undefined, good);
    });
  }

  it('takes destinations with variables, which the parser never sees', () => {
    for (const text of ['${env:HOST}/a:${file:VERSION}', 'a/b:${env:TAG},latest', 'layout:out/layout:v1'])
      assert.ok(judges.push({ to: text }), text);
  });

  it('takes the example of the README', () => {
    const readme = readFileSync(path.join(projectRoot(), 'README.md'), 'utf8');
    const [, example = ''] = /```jsonc\n(\{\n {2}"artifacts"[\s\S]*?)```/.exec(readme) ?? [];
    const entries = parseArtifactsFile(example, 'README.md');
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['push', 'pull'],
    );
    for (const { action, value } of entries) assert.ok(judges[action](value), ajv.errorsText(whole.errors));
  });

  it('is what a task can say as well', () => {
    const [{ properties = {} }] = contributes.taskDefinitions;
    const typesOf = (members: Schema['properties'] = {}) =>
      Object.fromEntries(Object.entries(members).map(([name, { type }]) => [name, type]));
    const { action, artifact, ...others } = typesOf(properties);
    assert.deepEqual([action, artifact], ['string', 'string']);
    assert.deepEqual(others, { ...typesOf(push.properties), ...typesOf(pull.properties) });
  });
});

/** A type that the parser takes for a member is one that the schema has, and the other way round. */
function assertSameTypes(ajv: Ajv, part: Schema, checks: MemberChecks): void {
  for (const [name, check] of Object.entries(checks)) {
    const taken: ValidateFunction = ajv.compile({ ...part.properties?.[name] });
    for (const [type, sample] of Object.entries(SAMPLES)) {
      const allowed = [part.properties?.[name]?.type].flat().includes(type);
      const problem = check(sample);
      const isTypeTaken =
        problem === undefined || !/^is (not an? |neither a text|neither true)/.test(problem.said);
      if (!['imageSpec', 'platform', 'artifactPlatform'].includes(name) && type !== 'object')
        assert.equal(isTypeTaken, allowed, `${name} as ${type}: ${problem?.said}`);
      if (!allowed) assert.equal(taken(sample), false, `${name} as ${type}`);
    }
  }
}
