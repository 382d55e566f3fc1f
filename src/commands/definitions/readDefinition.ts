import path from 'node:path';
import { fillIn, VARIABLE_KINDS, type ReadVariable } from '../../host/artifactsFile/variables';
import { messageOf, UnsafePathError } from '../../oci/errors';
import { isObject, problemText, type MemberProblem } from '../../oci/memberChecks';
import { parsePullDefinition, pullDefinitionProblem } from '../../oci/pullDefinition';
import { parsePushDefinition, pushDefinitionProblem, type DefinedPush } from '../../oci/pushDefinition';
import type { DefinedPull } from '../definedPull';
import type { Services } from '../services';
import { pathsOfPull, pathsOfPush, type NamedPath } from './definitionPaths';
import { wrongDefinition, type WrittenDefinition } from './writtenDefinition';

/** The parts of the machine that a definition may ask for. */
export type DefinitionDisk = Pick<Services, 'pathInFolder' | 'readWholeFile'>;

const MAX_VARIABLE_FILE_BYTES = 4096;

/**
 * A push as it is run: variables filled in, each member looked at, each path inside of the workspace folder.
 * Errors: DefinitionError, or InvalidContentError where there is no place to name.
 */
export async function readPush(disk: DefinitionDisk, written: WrittenDefinition): Promise<DefinedPush> {
  const value = await checked(disk, written, pushDefinitionProblem);
  const definition = parsePushDefinition(value, written.what);
  await stayInside(disk, written, pathsOfPush(definition));
  return { definition, folder: written.folder };
}

/** A pull as it is run. Errors: as `readPush`. */
export async function readPull(disk: DefinitionDisk, written: WrittenDefinition): Promise<DefinedPull> {
  const value = await checked(disk, written, pullDefinitionProblem);
  const definition = parsePullDefinition(value, written.what);
  await stayInside(disk, written, pathsOfPull(definition));
  return { definition, into: path.resolve(written.folder, definition.into) };
}

async function checked(
  disk: DefinitionDisk,
  written: WrittenDefinition,
  problemOf: (value: unknown) => MemberProblem | undefined,
): Promise<unknown> {
  const value = withAbsoluteLayout(await fillIn(written.value, variables(disk, written)), written.folder);
  const problem = problemOf(value);
  if (problem) throw wrongDefinition(written, problem.path, problemText(problem));
  return value;
}

function variables(disk: DefinitionDisk, written: WrittenDefinition): ReadVariable {
  return async (kind, name, member) => {
    const said = `\${${kind}:${name}}`;
    const fail = (reason: string) => wrongDefinition(written, member, `${said} ${reason}`);
    if (kind === 'env') {
      const value = process.env[name];
      if (!value) throw fail('is not set in the environment that VS Code runs in');
      return value;
    }
    if (kind !== 'file')
      throw fail(
        `is not known: ${VARIABLE_KINDS.map((known) => `\${${known}:…}`).join(' and ')} are, and $\${ stands for \${`,
      );
    return textOfFile(disk, written.folder, name).catch((error: unknown) => {
      throw fail(`cannot be read: ${messageOf(error).replace(/\.$/, '')}`);
    });
  };
}

async function textOfFile(disk: DefinitionDisk, folder: string, name: string): Promise<string> {
  const file = await disk.pathInFolder(folder, name, 'read');
  return Buffer.from(await disk.readWholeFile(file, MAX_VARIABLE_FILE_BYTES))
    .toString('utf8')
    .trim();
}

/** A definition is the same for everybody, so it names a layout from the folder on. */
function withAbsoluteLayout(value: unknown, folder: string): unknown {
  if (!isObject(value)) return value;
  const made = (text: unknown) => {
    const relative = typeof text === 'string' && /^layout:(?![\\/]|[a-zA-Z]:[\\/])(.+)/s.exec(text)?.[1];
    return relative ? `layout:${path.resolve(folder, relative)}` : text;
  };
  const { to, from, ...rest } = value;
  return {
    ...rest,
    ...(to !== undefined && { to: made(to) }),
    ...(from !== undefined && { from: made(from) }),
  };
}

async function stayInside(
  disk: DefinitionDisk,
  written: WrittenDefinition,
  paths: readonly NamedPath[],
): Promise<void> {
  for (const { member, given, use } of paths) {
    await disk.pathInFolder(written.folder, given, use).catch((error: unknown) => {
      const reason = error instanceof UnsafePathError ? `"${given}": ${error.reason}` : messageOf(error);
      throw wrongDefinition(written, member, reason.replace(/\.$/, ''));
    });
  }
}
