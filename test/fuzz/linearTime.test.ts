import assert from 'node:assert/strict';
import { credentialOfAuth } from '../../src/credentials/dockerAuth';
import { removeAuths, setAuth } from '../../src/credentials/dockerConfigEdit';
import { parseDockerConfig } from '../../src/credentials/dockerConfigFile';
import { matchingKeys } from '../../src/credentials/serverKey';
import { parseContentRange, parseRange } from '../../src/localRegistry/byteRange';
import { digestProblem } from '../../src/oci/digest';
import { OciError } from '../../src/oci/errors';
import { parseManifest } from '../../src/oci/manifest';
import { parseReference, repositoryProblem, tagProblem } from '../../src/oci/reference';
import { registryProblem } from '../../src/oci/registryHost';
import { cleanTitle, titleProblem } from '../../src/oci/title';
import { parsePaxRecords } from '../../src/targets/folder/paxRecords';
import { nextLink } from '../../src/targets/registry/linkHeader';
import { parseChallenges } from '../../src/transport/auth/challenge';
import { realmUrl } from '../../src/transport/auth/realm';
import { mergeScopes, splitScopes } from '../../src/transport/auth/scope';
import { redactUrlsIn } from '../../src/transport/redactUrl';
import { bodyWords, refusalDetails } from '../../src/transport/refusalWords';
import { retryAfterMs } from '../../src/transport/retry';
import { headerText, parseWarnings } from '../../src/transport/warnings';
import { parseManifestUri } from '../../src/views/manifestUri';

const LENGTH = 64 * 1024;
/** What one text may take; a parser that looks at each pair of characters takes seconds. */
const MAX_CPU_MS = 250;

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  challenge: parseChallenges,
  realm: (text) => realmUrl(text, new URL('https://registry.example')),
  scopes: (text) => mergeScopes(splitScopes(text)),
  link: nextLink,
  warning: parseWarnings,
  'header in UTF-8': headerText,
  'reasons of a refusal': refusalDetails,
  'body of a refusal': bodyWords,
  'retry-after': (text) => retryAfterMs(text, 0),
  range: (text) => parseRange(text, LENGTH),
  'content-range': parseContentRange,
  reference: parseReference,
  registry: registryProblem,
  repository: repositoryProblem,
  tag: tagProblem,
  digest: digestProblem,
  title: (text) => [cleanTitle(text), titleProblem(text, 'linux'), titleProblem(text, 'win32')],
  'pax records': (text) => parsePaxRecords(Buffer.from(text), 'it'),
  manifest: (text) => parseManifest(Buffer.from(text)),
  'manifest address': parseManifestUri,
  'docker config': (text) => parseDockerConfig(text, 'file'),
  'docker config, entry set': (text) => isJson(text) && setAuth(text, 'r.example', { auth: 'QQ==' }, 'file'),
  'docker config, entry removed': (text) => isJson(text) && removeAuths(text, ['r.example'], 'file'),
  'docker auth': (text) => credentialOfAuth({ auth: text }, 'file', 'key'),
  'server key': (text) => matchingKeys([text], 'r.example'),
  'URLs in a text': redactUrlsIn,
};

const beginnings = [
  '',
  'Bearer realm="',
  '</x>; rel="',
  '299 - "',
  'host/',
  'sha256:',
  'https://',
  '{"auths":{"',
  'bytes=',
];
const units = [
  ...[
    'a',
    '0',
    ' ',
    '\t',
    '\n',
    '"',
    '\\',
    '\\"',
    ',',
    ';',
    '=',
    '<',
    '>',
    '/',
    ':',
    '@',
    '.',
    '-',
    '_',
    '%',
    '[',
    '{',
  ],
  ...[
    'a=',
    ' ,',
    '<>',
    '<;',
    '; ',
    ';a="',
    ';a=\\"',
    '299 - ',
    '299 - "',
    '299 - "\\',
    'a.',
    'a-',
    '_a',
    '__',
    '../',
    '//',
    '::',
    '1-',
  ],
  ...['http://', 'a b', '=" ', '"a":', '[[]', '\\u0000', 'é', '😀', '10 a=bcdef\n'],
];
const ends = ['', '!'];

/** Texts that send a parser the long way round, where it has one, and JSON as deep as it is long. */
function longTexts(): string[] {
  const repeated = beginnings.flatMap((beginning) =>
    units.flatMap((unit) => ends.map((end) => beginning + unit.repeat(LENGTH / unit.length) + end)),
  );
  const depth = LENGTH / 2;
  const nested = [
    `{"auths":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    `{"x":${'{"a":'.repeat(depth / 3)}1${'}'.repeat(depth / 3)}}`,
    `{"auths":{${Array.from({ length: 2000 }, (_, at) => `"host-${at}":{"auth":"QQ=="}`).join()}}}`,
  ];
  return [...repeated, ...nested];
}

describe('A text of 64 kB', () => {
  const texts = longTexts();
  for (const [name, parse] of Object.entries(parsers)) {
    it(`is read in time, whatever it is: ${name}`, () => {
      for (const text of texts) assertQuick(text, parse);
    });
  }
});

function assertQuick(text: string, parse: (text: string) => unknown): void {
  const started = process.cpuUsage();
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
  }
  const { user, system } = process.cpuUsage(started);
  const tookMs = (user + system) / 1000;
  assert.ok(tookMs < MAX_CPU_MS, `${tookMs} ms for ${JSON.stringify(text.slice(0, 60))}… ${text.slice(-3)}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
