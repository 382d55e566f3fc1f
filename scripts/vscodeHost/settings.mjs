// User settings for every VS Code that the scripts start.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** No welcome, no chat, no calls home, no fading that a picture would catch. */
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
};

/**
 * Writes the settings of a user data folder, unless there are some. The server's VS Code reads settings of machine scope
 * from a file of their own.
 */
export function writeUserSettings(userDataDir, settings = {}) {
  if (existsSync(userFile(userDataDir))) return;
  writeJson(userFile(userDataDir), { ...quiet, ...settings });
  writeJson(path.join(userDataDir, 'Machine/settings.json'), settings);
}

const userFile = (userDataDir) => path.join(userDataDir, 'User/settings.json');

function writeJson(file, value) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value, null, 2));
}
