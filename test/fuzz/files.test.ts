import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseArtifactsFile } from '../../src/host/artifactsFile/artifactsFile';
import { oneLine, plainText } from '../../src/host/plainText';
import { parseAnnotationFile } from '../../src/oci/annotationFile';
import { formatDestination, parseDestination } from '../../src/oci/destination';
import { DefinitionError, InvalidContentError, InvalidReferenceError } from '../../src/oci/errors';
import { parseChart } from '../../src/oci/helmChart';
import { endOfToken, jwtClaims } from '../../src/oci/jwtClaims';
import { parsePlatform } from '../../src/oci/platform';
import { parseHelmIgnore } from '../../src/targets/folder/helmIgnore';
import { IndexSnapshot } from '../../src/targets/layout/indexSnapshot';
import { parseRateLimit } from '../../src/transport/rateLimit';
import { asyncLaw, fuzz, hostileText, law, only, recordOf } from '../support/fuzz';

const jsonText = (...members: readonly string[]) =>
  fc.oneof(
    hostileText('{', '}', '[', ']', ':', ',', 'null', '1', '"x"', ...members.map((each) => `"${each}"`)),
    fc
      .dictionary(fc.constantFrom(...members), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
      .map((value) => JSON.stringify(value)),
  );

fuzz('Files of a folder', [
  law(
    'any annotation file has texts alone, or an InvalidContentError',
    jsonText('$manifest', '$config', 'a.txt', '__proto__'),
    (text) => {
      const read = only(InvalidContentError, () => parseAnnotationFile(Buffer.from(text), 'it'));
      if (!read) return;
      for (const annotations of [read.manifest, read.config, ...read.files.values()])
        assert.ok(Object.values(annotations).every((value) => typeof value === 'string'));
    },
  ),
  law(
    'any definitions are a list or a DefinitionError with its place',
    jsonText('artifacts', 'pulls', '$schema', 'name', '__proto__'),
    (text) => {
      const entries = only(DefinitionError, () => parseArtifactsFile(text, 'file'));
      for (const { placeOf } of entries ?? []) assert.ok(placeOf([]).line >= 1);
    },
  ),
  law(
    'any index of a layout is one or an InvalidContentError',
    jsonText('schemaVersion', 'manifests', 'mediaType', 'annotations'),
    (text) => void only(InvalidContentError, () => IndexSnapshot.parse(text, 'it')),
  ),
  law(
    'any .helmignore gives rules that answer, or an InvalidContentError',
    fc.tuple(
      hostileText('*', '?', '[', ']', '!', '/', '\n', '#', '**', '\\', 'a', '-', '^'),
      hostileText('a', '/'),
    ),
    ([text, file]) => {
      const ignores = only(InvalidContentError, () => parseHelmIgnore(text));
      if (ignores) assert.equal(typeof ignores(file, false), 'boolean');
    },
  ),
  asyncLaw(
    'any Chart.yaml is a chart or an InvalidContentError',
    hostileText(
      'name: ',
      'version: ',
      'a',
      '1.0.0',
      '\n',
      '  ',
      '- ',
      '&a ',
      '*a',
      '!!js ',
      '{',
      '[',
      '<<: ',
      '|',
      '"',
    ),
    async (text) => {
      await parseChart(text, 'it').catch((error: unknown) => assert.ok(error instanceof InvalidContentError));
    },
    { weight: 0.2 },
  ),
]);

fuzz('Words of a server or a user', [
  law(
    'any platform is one or an InvalidContentError',
    hostileText('linux', '/', 'arm64', ':', 'v8'),
    (text) => {
      const platform = only(InvalidContentError, () => parsePlatform(text));
      if (platform) assert.ok(platform.os !== '' && platform.architecture !== '');
    },
  ),
  law(
    'any destination is one that is read as it is written, or an InvalidReferenceError',
    hostileText('host', ':5000', '/', 'a', ':', ',', 'v1', '@sha256:', ' '),
    (text) => {
      const destination = only(InvalidReferenceError, () => parseDestination(text));
      if (destination) assert.deepEqual(parseDestination(formatDestination(destination)), destination);
    },
  ),
  law(
    'any token has claims, and an end that is a number, or none',
    fc.oneof(
      hostileText('.', 'e30', 'eyJ', '=', '"'),
      fc
        .dictionary(fc.constantFrom('exp', 'iat', 'sub'), fc.jsonValue({ maxDepth: 1 }))
        .map((claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`),
    ),
    (token) => {
      assert.equal(typeof jwtClaims(token), 'object');
      const end = endOfToken(token);
      assert.ok(end === undefined || typeof end === 'number');
    },
  ),
  law(
    'any quota is whole numbers or none',
    recordOf({ limit: hostileText('100', ';', 'w=', '21600', '-', ' '), left: hostileText('76', ';w=9') }),
    ({ limit, left }) => {
      const quota = parseRateLimit({ get: (name) => (name === 'ratelimit-limit' ? limit : left) });
      if (quota) assert.ok(Object.values(quota).every((value) => Number.isSafeInteger(value) && value >= 0));
    },
  ),
  law(
    'any text is shown as one line, without a link of VS Code in it',
    hostileText(
      '[',
      ']',
      '(',
      ')',
      'command:x',
      'https://x',
      '\n',
      '\u001b[2J',
      '\u202e',
      '\u0000',
      ' "',
      '"',
    ),
    (text) => {
      assert.doesNotMatch(oneLine(text), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      assert.doesNotMatch(plainText(text), /\[[^\]]+\]\((?:https?:\/\/|command:|file:)/i);
    },
  ),
]);
