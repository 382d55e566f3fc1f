/** The user settings of a VS Code that `npm start` opens: the local registry stands in the sidebar. */
export const settingsFor = (registry) => ({
  'ociArtifacts.registries': [{ host: registry, plainHttp: true }],
});
