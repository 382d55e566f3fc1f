import assert from 'node:assert/strict';
import path from 'node:path';
import fc from 'fast-check';
import { InvalidContentError, InvalidReferenceError } from '../../src/oci/errors';
import { goJson, sortedMap } from '../../src/oci/goJson';
import { encodeImageManifest, parseManifest } from '../../src/oci/manifest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { formatReference, parseReference, type Reference } from '../../src/oci/reference';
import { cleanTitle, titleProblem } from '../../src/oci/title';
import { parsePaxRecords } from '../../src/targets/folder/paxRecords';
import { manifestUri, parseManifestUri } from '../../src/views/manifestUri';
import { fuzz, hostileText, law, only, recordOf, textOf } from '../support/fuzz';

const LOWER_OR_DIGIT = 'abcxyz0189';
const word = textOf(LOWER_OR_DIGIT, { minLength: 1, maxLength: 6 });
const digest = textOf('0123456789abcdef', { minLength: 64, maxLength: 64 }).map(
  (hex) => `sha256:${hex}` as const,
);

const names = fc.array(word, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const host = fc.oneof(
  // A name that ends with a number is an address. Spec: WHATWG URL, "ends in a number checker".
  names.map((name) => (/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(name) ? `${name}h` : name)),
  fc.constantFrom('[::1]', '127.0.0.1', 'Registry.Example', 'a-b.c'),
);
const registry = fc
  .tuple(host, fc.option(fc.integer({ min: 1, max: 65535 })))
  .map(([name, port]) => (port === null ? name : `${name}:${port}`));
const component = fc
  .array(fc.tuple(fc.constantFrom('.', '_', '__', '-', '---'), word), { maxLength: 2 })
  .chain((rest) => word.map((first) => first + rest.flat().join('')));
const repository = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const tag = fc
  .tuple(textOf('aZ0_', { minLength: 1, maxLength: 1 }), textOf('aZ0_.-', { maxLength: 20 }))
  .map((parts) => parts.join(''));

const references: fc.Arbitrary<Reference> = fc.record(
  { registry, repository, tag, digest },
  { requiredKeys: ['registry', 'repository'], noNullPrototype: true },
);

fuzz('Reference', [
  law(
    'any text is a reference that is written as it was read, or an InvalidReferenceError',
    hostileText(
      'host',
      ':5000',
      '/',
      'a/b',
      ':',
      '@',
      'sha256:',
      'v1',
      '..',
      'https://',
      '[::1]',
      ' ',
      'A',
      '_',
    ),
    (text) => {
      const reference = only(InvalidReferenceError, () => parseReference(text));
      if (reference) assert.equal(formatReference(reference), text.trim());
    },
  ),
  law('a name that is taken is where requests go', fc.oneof(names, textOf('0x1.f:[]', {})), (name) => {
    const reference = only(InvalidReferenceError, () => parseReference(`${name}/a`));
    if (!reference || name.startsWith('[')) return;
    assert.equal(new URL(`http://${name}/`).hostname, name.replace(/:\d+$/, ''));
  }),
  law('a reference comes back as it was written', references, (reference) => {
    assert.deepEqual(parseReference(formatReference(reference)), reference);
  }),
]);

fuzz('Go JSON', [
  law('reads back as what JSON.stringify writes', fc.jsonValue({ noUnicodeString: false }), (value) => {
    const text = goJson(value);
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    assert.ok(!/[<>&\u2028\u2029]/.test(text));
  }),
  law(
    'writes the keys of a map in the order of their bytes',
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 5 }), fc.string({ maxLength: 5 }), { minKeys: 1 }),
    (map) => {
      const keys = [...goJson(sortedMap(map)).matchAll(/("(?:[^"\\]|\\.)*"):/g)].map(([, key = '']) => key);
      const bytes = keys.map((key) => Buffer.from(JSON.parse(key) as string));
      const ordered = bytes.every((key, at) => at === 0 || Buffer.compare(bytes[at - 1] ?? key, key) < 0);
      assert.ok(ordered, keys.join());
    },
  ),
]);

const descriptor = recordOf({
  mediaType: fc.constantFrom<string>(mediaTypes.ociLayer, mediaTypes.ociEmpty, 'text/plain'),
  digest,
  size: fc.nat(),
});
const annotations = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.string({ maxLength: 6 }),
  { maxKeys: 3 },
);
const manifests = recordOf({
  artifactType: fc.constantFrom('application/vnd.example.v1', 'text/x'),
  config: descriptor,
  layers: fc.array(descriptor, { maxLength: 3 }),
  annotations,
});
const strangeFields = fc.dictionary(
  fc.constantFrom(
    'schemaVersion',
    'mediaType',
    'config',
    'layers',
    'manifests',
    'subject',
    'blobs',
    'annotations',
    'fsLayers',
    'artifactType',
  ),
  fc.oneof(
    fc.constantFrom<unknown>(null, 1, 2, '', mediaTypes.ociIndex, mediaTypes.dockerManifest, [], {}, [null]),
    fc.jsonValue({ maxDepth: 2 }),
    descriptor,
  ),
);
const contentTypes = fc.option(
  fc.constantFrom<string>(
    mediaTypes.ociManifest,
    mediaTypes.ociIndex,
    mediaTypes.dockerList,
    'application/json; charset=utf-8',
    '',
  ),
);

fuzz('Manifest', [
  law(
    'any bytes are a manifest or an InvalidContentError',
    fc.tuple(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        hostileText('{', '}', '"config"', ':', '[', ']', ',', 'null').map((text) => Buffer.from(text)),
      ),
      contentTypes,
    ),
    ([bytes, contentType]) =>
      void only(InvalidContentError, () => parseManifest(bytes, contentType ?? undefined)),
  ),
  law(
    'any members make a manifest or an InvalidContentError',
    fc.tuple(manifests, strangeFields, contentTypes),
    ([fields, strange, contentType]) => {
      const bytes = Buffer.from(JSON.stringify({ ...fields, ...strange }));
      const read = only(InvalidContentError, () => parseManifest(bytes, contentType ?? undefined));
      if (read) assert.ok([...read.layers, ...read.manifests].every(({ size }) => size >= 0));
    },
    { weight: 0.15 },
  ),
  law('what was written is read', manifests, (fields) => {
    const read = parseManifest(encodeImageManifest(fields));
    assert.deepEqual(
      [read.artifactType, read.config, read.layers],
      [fields.artifactType, fields.config, fields.layers],
    );
    assert.deepEqual({ ...read.annotations }, { ...fields.annotations });
  }),
]);

const titles = hostileText('..', '/', '.', '\\', 'a', 'b.txt', 'C:', ':', 'nul', ' ', '\0', 'COM1', '…', '~');

fuzz('Title', [
  law('is cleaned once and for all, as Node cleans a path', titles, (title) => {
    assert.equal(cleanTitle(cleanTitle(title)), cleanTitle(title));
    assert.equal(cleanTitle(title), path.posix.normalize(title).replace(/(?<=.)\/$/s, ''));
  }),
  ...(['linux', 'win32'] as const).map((platform) =>
    law(`without a problem names something inside the folder, on ${platform}`, titles, (title) => {
      if (titleProblem(title, platform) !== undefined) return;
      const own = platform === 'win32' ? path.win32 : path.posix;
      const root = `${own.sep}into`;
      const file = own.join(root, cleanTitle(title));
      assert.ok(file.startsWith(root + own.sep) && file !== root + own.sep, file);
    }),
  ),
]);

const paxText = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => !text.includes('\0'));

fuzz('Pax records', [
  law(
    'any bytes are records or an InvalidContentError',
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      hostileText('11 ', '6 ', 'a=b', 'path=', '\n', '=', '0', '999999999 ', '-1 ').map((text) =>
        Buffer.from(text),
      ),
    ),
    (body) => void only(InvalidContentError, () => parsePaxRecords(body, 'it')),
  ),
  law(
    'records come back as they were written',
    fc.array(
      fc.tuple(
        paxText.filter((key) => key !== '' && !key.includes('=')),
        paxText,
      ),
      { maxLength: 4 },
    ),
    (records) => {
      const body = Buffer.concat(records.map(([key, value]) => paxRecord(` ${key}=${value}\n`)));
      assert.deepEqual(parsePaxRecords(body, 'it'), records);
    },
  ),
]);

/** The record with its length, which counts itself, in front. */
function paxRecord(rest: string): Buffer {
  const restBytes = Buffer.byteLength(rest);
  let length = restBytes;
  while (length !== restBytes + String(length).length) length = restBytes + String(length).length;
  return Buffer.from(`${length}${rest}`);
}

fuzz('Manifest address', [
  law(
    'any text is an address or nothing',
    hostileText(
      'oci-manifest:',
      '//',
      'host:5000',
      '/',
      'a',
      `sha256:${'0'.repeat(64)}`,
      '.json',
      '%',
      '%2F',
      '?',
      '#',
      '[',
    ),
    (text) => void parseManifestUri(text),
  ),
  law('comes back as it was written', recordOf({ host: registry, repository, digest }), (address) => {
    const read = parseManifestUri(manifestUri(address));
    // A URI has its authority in lower case.
    assert.deepEqual(read, { ...address, host: address.host.toLowerCase() });
  }),
]);
