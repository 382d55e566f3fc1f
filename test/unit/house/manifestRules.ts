/** The parts of package.json that VS Code reads and these rules look at. */
export interface ExtensionManifest {
  readonly contributes: {
    readonly commands: readonly ManifestCommand[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
  };
}

export interface ManifestCommand {
  readonly command: string;
  readonly title: string;
  readonly category?: string;
}

export interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}

/** Commands that are in the code and not in the manifest, or the other way round. */
export function unmatchedCommands({ contributes }: ExtensionManifest, inCode: readonly string[]): string[] {
  const inManifest = contributes.commands.map(({ command }) => command);
  return [
    ...inCode.filter((id) => !inManifest.includes(id)).map((id) => `${id} is missing in package.json`),
    ...inManifest.filter((id) => !inCode.includes(id)).map((id) => `${id} is missing in the code`),
    ...inManifest.filter((id, at) => inManifest.indexOf(id) !== at).map((id) => `${id} is there twice`),
  ];
}

/** Menu items of commands that no one contributes. */
export function unknownMenuItems({ contributes }: ExtensionManifest): string[] {
  const known = new Set(contributes.commands.map(({ command }) => command));
  return Object.entries(contributes.menus).flatMap(([menu, items]) =>
    items
      .filter(({ command }) => command !== undefined && !known.has(command))
      .map(({ command }) => `${menu}: ${command}`),
  );
}

/** Commands that the palette never shows. */
export function hiddenFromPalette({ contributes }: ExtensionManifest): string[] {
  return (contributes.menus['commandPalette'] ?? [])
    .filter(({ when }) => when === 'false')
    .map(({ command }) => command ?? '')
    .sort();
}

/** Titles that are empty, lack the category or repeat it, since VS Code shows it in front of them. */
export function badTitles({ contributes }: ExtensionManifest, category: string): string[] {
  const words = category.toLowerCase();
  return contributes.commands
    .filter(
      (command) => command.category !== category || /^\W*$/.test(command.title) || repeats(command, words),
    )
    .map(({ command, title }) => `${command}: ${title}`);
}

function repeats({ title }: ManifestCommand, words: string): boolean {
  return title.toLowerCase().startsWith(words);
}

/** Rows with more inline actions than fit: the row's menu items by `when`, where these are alike. */
export function crowdedRows({ contributes }: ExtensionManifest, most: number): string[] {
  const inline = (contributes.menus['view/item/context'] ?? []).filter(({ group }) =>
    group?.startsWith('inline'),
  );
  const rows = new Map<string, number>();
  for (const { when = '' } of inline) rows.set(when, (rows.get(when) ?? 0) + 1);
  return [...rows].filter(([, count]) => count > most).map(([when]) => when);
}

/** Menu items of a menu that are offered for several selected rows or files, but for commands that do all of them. */
export function offeredForSeveral(
  { contributes }: ExtensionManifest,
  menu: string,
  doAll: readonly string[],
): string[] {
  return (contributes.menus[menu] ?? [])
    .filter(({ command = '' }) => !doAll.includes(command))
    .filter(({ when = '' }) => !/&& !listMultiSelection\b(?!.*\|\|)|^!listMultiSelection$/.test(when))
    .map(({ command, submenu }) => command ?? submenu ?? '');
}
