import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
// The package's main file is UMD, which a bundler cannot follow.
import { parseTree, type ParseError } from 'jsonc-parser/lib/esm/main';
import { CredentialStoreError } from '../oci/errors';
import type { WaitOptions } from '../oci/target';
import { isJsonObject } from './jsonMembers';
import { systemCodeOf } from './systemCode';
import { variable, type CredentialEnvironment } from './credentialEnvironment';

/** The largest docker config that is read, in bytes. */
export const MAX_DOCKER_CONFIG_BYTES = 4 * 1024 * 1024;

/** What a docker config says about credentials. Entries of `auths` are checked when one is used, not before. */
export interface DockerConfig {
  readonly auths: ReadonlyMap<string, unknown>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string;
}

/** Where the docker config is: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerConfigPath(environment: CredentialEnvironment): string {
  const folder = variable(environment, 'DOCKER_CONFIG') ?? path.join(environment.homeFolder, '.docker');
  return path.join(folder, 'config.json');
}

/** The config's text; empty when there is no file. Errors: CredentialStoreError (unreadable, too large, not UTF-8). */
export async function readDockerConfigText(file: string, { signal }: WaitOptions = {}): Promise<string> {
  signal?.throwIfAborted();
  const bytes = await readBytes(file, signal);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CredentialStoreError(file, 'the file is not UTF-8 text', { cause: error });
  }
}

/**
 * Reads a config's text; blank text is an empty config, and what is null is absent. Errors: CredentialStoreError naming the file and the line of
 * what is not JSON. The message never quotes the file: it holds secrets.
 */
export function parseDockerConfig(text: string, file: string): DockerConfig {
  const root = text.trim() === '' ? {} : (parseStrictJson(text, file) ?? {});
  const top = members(root, 'the file', file);
  const helpers = members(top.get('credHelpers') ?? {}, '"credHelpers"', file);
  return {
    auths: members(top.get('auths') ?? {}, '"auths"', file),
    credHelpers: new Map([...helpers].map(([key, value]) => [key, helperName(value, file)])),
    credsStore: helperName(top.get('credsStore') ?? '', file),
  };
}

async function readBytes(file: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > MAX_DOCKER_CONFIG_BYTES) {
      throw new CredentialStoreError(file, `the file is larger than ${MAX_DOCKER_CONFIG_BYTES} bytes`);
    }
    return await readFile(file, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof CredentialStoreError) throw error;
    const code = systemCodeOf(error);
    if (code === 'ENOENT') return new Uint8Array();
    throw new CredentialStoreError(file, `the file cannot be read (${code})`, { cause: error });
  }
}

function parseStrictJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The cause is left out: V8's message quotes the text around the mistake.
    throw new CredentialStoreError(file, `the file is not JSON${mistakePlace(text)}`);
  }
}

function mistakePlace(text: string): string {
  const mistakes: ParseError[] = [];
  try {
    parseTree(text, mistakes, { disallowComments: true, allowTrailingComma: false });
  } catch {
    // Nested deeper than its stack goes: the mistakes before that are known.
  }
  const offset = mistakes[0]?.offset;
  if (offset === undefined) return '';
  const before = text.slice(0, offset).split('\n');
  return `: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function members(value: unknown, what: string, file: string): ReadonlyMap<string, unknown> {
  if (isJsonObject(value)) return new Map(Object.entries(value).filter(([, member]) => member !== null));
  throw new CredentialStoreError(file, `${what} is not a JSON object`);
}

function helperName(value: unknown, file: string): string {
  if (typeof value === 'string') return value;
  throw new CredentialStoreError(file, 'the name of a credential helper is not a text');
}
