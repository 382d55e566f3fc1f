/** Every command this extension contributes, by the name the code uses. A test holds package.json to this list. */
export const commandIds = {
  addRegistry: 'ociArtifacts.addRegistry',
  removeRegistry: 'ociArtifacts.removeRegistry',
  addRepository: 'ociArtifacts.addRepository',
  createRepository: 'ociArtifacts.createRepository',
  refresh: 'ociArtifacts.refresh',
  loadMore: 'ociArtifacts.loadMore',
  signIn: 'ociArtifacts.signIn',
  signOut: 'ociArtifacts.signOut',
  push: 'ociArtifacts.push',
  pull: 'ociArtifacts.pull',
  delete: 'ociArtifacts.delete',
  untag: 'ociArtifacts.untag',
  deleteRepository: 'ociArtifacts.deleteRepository',
  copyReference: 'ociArtifacts.copyReference',
  copyDigestReference: 'ociArtifacts.copyDigestReference',
  openManifest: 'ociArtifacts.openManifest',
  openDetails: 'ociArtifacts.openDetails',
  usePlainHttp: 'ociArtifacts.usePlainHttp',
  skipVerification: 'ociArtifacts.skipVerification',
  chooseCaFile: 'ociArtifacts.chooseCaFile',
  startLocalRegistry: 'ociArtifacts.startLocalRegistry',
  stopLocalRegistry: 'ociArtifacts.stopLocalRegistry',
  startDockerRegistry: 'ociArtifacts.startDockerRegistry',
  showLog: 'ociArtifacts.showLog',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];
