import { commandIds, type CommandId } from '../host/commandIds';
import { showInformation } from '../host/messages';
import { targetOf } from '../host/rowTarget';
import { showError } from '../host/showError';
import { addNamespace, addRegistry } from './addRegistry';
import { addTag } from './addTag';
import { attachFiles, attachWithOptions } from './attach';
import { deleteOneBlob, pushFileAsBlob, saveBlob } from './blob';
import { chooseAccount } from './chooseAccount';
import { copyLoginToDockerConfig, copyLoginToVsCode } from './copyLogin';
import { backup } from './backup';
import { copyArtifact } from './copy';
import { createDefinition } from './createDefinition';
import { createIndexOfRows } from './createIndex';
import { createRepository } from './createRepository';
import { deleteArtifact } from './delete';
import { deleteRepository } from './deleteRepository';
import { explainCredential } from './explainCredential';
import { clearFilter, filterRow, hideDigestTags, showDigestTags, sortTags } from './filter';
import { copyDigestReference, copyReference, openDetails, openManifest } from './inspect';
import { closeLayout, openLayout } from './layouts';
import { startDockerRegistry, startLocalRegistry, stopLocalRegistry } from './localRegistry';
import { editManifest, exportManifest, openConfig } from './manifest';
import { openSettings } from './openSettings';
import { pullDefinedArtifact } from './pullDefinedArtifact';
import { pullArtifact, pullFile } from './pull';
import { pullWithOptions } from './pullWithOptions';
import { pushFiles } from './push';
import { pushAgain } from './pushAgain';
import { pushDefinedArtifact } from './pushDefinedArtifact';
import { pushEditedManifest } from './pushManifest';
import { pushWithOptions } from './pushWithOptions';
import {
  addRepository,
  chooseCaFile,
  chooseClientCertificate,
  removeRegistry,
  skipVerification,
  usePlainHttp,
} from './registries';
import { removeUnused } from './removeUnused';
import { restore } from './restore';
import { resolveReference } from './resolve';
import type { Command, Services } from './services';
import { leftOut } from './severalRows';
import { showReferrers } from './showReferrers';
import { signIn } from './signIn';
import { signOut } from './signOut';
import { cancelTransfer, continueTransfer, removePartialDownloads, removeTransfer } from './transfers';
import { untag } from './untag';
import { updateIndex } from './updateIndex';

const commands: Readonly<Record<CommandId, Command>> = {
  [commandIds.addRegistry]: addRegistry,
  [commandIds.removeRegistry]: removeRegistry,
  [commandIds.addNamespace]: addNamespace,
  [commandIds.addRepository]: addRepository,
  [commandIds.createRepository]: createRepository,
  [commandIds.refresh]: ({ tree }, row) => tree.refresh(row),
  [commandIds.loadMore]: ({ tree }, row) => tree.loadMore(row),
  [commandIds.stopWaiting]: ({ tree }, row) => tree.stopWaiting(row),
  [commandIds.filter]: filterRow,
  [commandIds.clearFilter]: clearFilter,
  [commandIds.sortTags]: sortTags,
  [commandIds.hideDigestTags]: hideDigestTags,
  [commandIds.showDigestTags]: showDigestTags,
  [commandIds.signIn]: signIn,
  [commandIds.signOut]: signOut,
  [commandIds.chooseAccount]: chooseAccount,
  [commandIds.explainCredential]: explainCredential,
  [commandIds.copyLoginToDockerConfig]: copyLoginToDockerConfig,
  [commandIds.copyLoginToVsCode]: copyLoginToVsCode,
  [commandIds.push]: pushFiles,
  [commandIds.pushWithOptions]: pushWithOptions,
  [commandIds.pushAgain]: pushAgain,
  [commandIds.pushDefined]: pushDefinedArtifact,
  [commandIds.pullDefined]: pullDefinedArtifact,
  [commandIds.createDefinition]: createDefinition,
  [commandIds.pull]: pullArtifact,
  [commandIds.copy]: copyArtifact,
  [commandIds.backup]: backup,
  [commandIds.restore]: restore,
  [commandIds.openLayout]: openLayout,
  [commandIds.closeLayout]: closeLayout,
  [commandIds.pullWithOptions]: pullWithOptions,
  [commandIds.pullFile]: pullFile,
  [commandIds.attach]: attachFiles,
  [commandIds.attachFiles]: attachFiles,
  [commandIds.attachWithOptions]: attachWithOptions,
  [commandIds.addTag]: addTag,
  [commandIds.resolve]: resolveReference,
  [commandIds.delete]: deleteArtifact,
  [commandIds.untag]: untag,
  [commandIds.deleteRepository]: deleteRepository,
  [commandIds.copyReference]: copyReference,
  [commandIds.copyDigestReference]: copyDigestReference,
  [commandIds.openManifest]: openManifest,
  [commandIds.openConfig]: openConfig,
  [commandIds.editManifest]: editManifest,
  [commandIds.pushManifest]: pushEditedManifest,
  [commandIds.exportManifest]: exportManifest,
  [commandIds.createIndex]: createIndexOfRows,
  [commandIds.updateIndex]: updateIndex,
  [commandIds.saveBlob]: saveBlob,
  [commandIds.fetchBlob]: saveBlob,
  [commandIds.pushBlob]: pushFileAsBlob,
  [commandIds.deleteBlob]: deleteOneBlob,
  [commandIds.openDetails]: openDetails,
  [commandIds.showReferrers]: showReferrers,
  [commandIds.usePlainHttp]: usePlainHttp,
  [commandIds.skipVerification]: skipVerification,
  [commandIds.chooseCaFile]: chooseCaFile,
  [commandIds.chooseClientCertificate]: chooseClientCertificate,
  [commandIds.startLocalRegistry]: startLocalRegistry,
  [commandIds.stopLocalRegistry]: stopLocalRegistry,
  [commandIds.startDockerRegistry]: startDockerRegistry,
  [commandIds.removeUnused]: removeUnused,
  [commandIds.continueTransfer]: continueTransfer,
  [commandIds.cancelTransfer]: cancelTransfer,
  [commandIds.removeTransfer]: removeTransfer,
  [commandIds.removePartialDownloads]: removePartialDownloads,
  [commandIds.openSettings]: openSettings,
  [commandIds.showLog]: ({ log }) => log.show(),
};

/** Runs a command with what VS Code passed in; what it throws is shown once, here. */
export async function runCommand(
  services: Services,
  id: CommandId,
  args: readonly unknown[],
): Promise<unknown> {
  const several = leftOut(id, args);
  if (several === undefined) return run(services, commands[id], args);
  void showInformation(`This is done for one at a time, and ${several} are selected. Select one.`);
  return undefined;
}

async function run(services: Services, command: Command, args: readonly unknown[]): Promise<unknown> {
  try {
    return await command(services, ...args);
  } catch (error) {
    const retry = () => run(services, command, args);
    await showError(services.log, error, { what: 'It did not work', host: targetOf(args[0])?.host, retry });
    return undefined;
  }
}
