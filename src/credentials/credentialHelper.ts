import type { Credential } from '../oci/credential';
import { CredentialStoreError } from '../oci/errors';
import { goJson } from '../oci/goJson';
import type { WaitOptions } from '../oci/target';
import type { CredentialEnvironment } from './credentialEnvironment';
import { findHelper, helperFolders, isHelperName } from './helperPath';
import { runHelper, type HelperOutcome } from './helperProcess';
import { speakable } from './helperWords';
import { isJsonObject, memberOf, parseQuietly, type JsonMembers } from './jsonMembers';

const HELPER_TIME_LIMIT_MS = 30_000;
/** CRED_MAX_CREDENTIAL_BLOB_SIZE. Source: Windows API, wincred.h. */
const WINDOWS_MAX_SECRET_BYTES = 2560;
const NOT_FOUND = 'credentials not found in native keychain';
/** The user name that marks a secret as an identity token. */
const TOKEN_USER = '<token>';

type HelperAction = 'get' | 'store' | 'erase';

/** How to reach helpers. `timeLimitMs` is for one call. */
export interface HelperOptions {
  readonly environment: CredentialEnvironment;
  readonly timeLimitMs?: number;
}

/**
 * A program `docker-credential-<name>` that keeps credentials in a keychain, by server key (see `serverKeyOf`).
 * Errors: CredentialStoreError from each call; it concerns that call alone.
 * Source: docker-credential-helpers, "Development".
 */
export class CredentialHelper {
  /** The program's name, for people. */
  readonly label: string;

  constructor(
    private readonly name: string,
    private readonly options: HelperOptions,
  ) {
    this.label = `docker-credential-${name}`;
  }

  async get(serverKey: string, options?: WaitOptions): Promise<Credential | undefined> {
    const outcome = await this.run('get', serverKey, options);
    if ('exitCode' in outcome && outcome.exitCode !== 0 && outcome.output.trim() === NOT_FOUND)
      return undefined;
    return this.credentialFrom(this.successOf(outcome, 'get'));
  }

  async store(serverKey: string, credential: Credential, options?: WaitOptions): Promise<void> {
    const { username, secret } = this.pairOf(credential);
    const input = goJson({ ServerURL: serverKey, Username: username, Secret: secret });
    this.successOf(await this.run('store', input, options), 'store', secret);
  }

  async erase(serverKey: string, options?: WaitOptions): Promise<void> {
    this.successOf(await this.run('erase', serverKey, options), 'erase');
  }

  private async run(action: HelperAction, input: string, options?: WaitOptions): Promise<HelperOutcome> {
    const { environment, timeLimitMs = HELPER_TIME_LIMIT_MS } = this.options;
    if (!isHelperName(this.name)) throw this.failure('a helper name has letters, digits and . _ - alone');
    const program = await findHelper(this.name, environment);
    if (program === undefined) {
      throw this.failure(
        'it is not installed, though the config file names it as helper (looked in PATH and the usual folders)',
      );
    }
    const delimiter = environment.platform === 'win32' ? ';' : ':';
    const variables = { ...environment.variables, PATH: helperFolders(environment).join(delimiter) };
    return runHelper({ program, args: [action], input, variables, timeLimitMs }, options);
  }

  private successOf(outcome: HelperOutcome, action: HelperAction, secret?: string): string {
    if ('problem' in outcome) throw this.failure(`"${action}" failed: ${outcome.problem}`);
    if (outcome.exitCode === 0) return outcome.output;
    const said = speakable({ ...outcome, secret });
    const tooLong = secret === undefined ? '' : this.tooLongFor(secret, said);
    throw this.failure(
      `"${action}" failed with exit code ${outcome.exitCode}${said && `: ${said}`}${tooLong && `; ${tooLong}`}`,
    );
  }

  /** The Windows keychain's words for it, "The stub received bad data", say nothing to a person. */
  private tooLongFor(secret: string, said: string): string {
    const sizeBytes = Buffer.byteLength(secret);
    const onWindows = this.options.environment.platform === 'win32' || this.name.startsWith('wincred');
    if (sizeBytes <= WINDOWS_MAX_SECRET_BYTES || !(onWindows || /stub received bad data/i.test(said)))
      return '';
    return `the token has ${sizeBytes} bytes, and the Windows Credential Manager keeps at most ${WINDOWS_MAX_SECRET_BYTES}`;
  }

  private credentialFrom(output: string): Credential | undefined {
    const answer = this.answerOf(output);
    const [username, secret] = ['Username', 'Secret'].map((name) => memberOf(answer, name));
    if (username === undefined && secret === undefined) return undefined;
    if (typeof username !== 'string' || typeof secret !== 'string') {
      throw this.failure('its answer to "get" has no "Username" and "Secret"');
    }
    if (username === TOKEN_USER) return { kind: 'identityToken', token: secret };
    return username === '' && secret === '' ? undefined : { kind: 'basic', username, password: secret };
  }

  /** Some helpers answer with nothing, or with an empty object, where they keep nothing. */
  private answerOf(output: string): JsonMembers {
    const value = output.trim() === '' ? null : parseQuietly(output);
    if (value === null) return {};
    if (isJsonObject(value)) return value;
    throw this.failure('its answer to "get" is not a JSON object');
  }

  private pairOf(credential: Credential): { username: string; secret: string } {
    switch (credential.kind) {
      case 'basic':
        return { username: credential.username, secret: credential.password };
      case 'identityToken':
        return { username: TOKEN_USER, secret: credential.token };
      case 'registryToken':
        throw this.failure('a helper cannot keep a registry token');
    }
  }

  private failure(reason: string): CredentialStoreError {
    return new CredentialStoreError(this.label, reason);
  }
}
