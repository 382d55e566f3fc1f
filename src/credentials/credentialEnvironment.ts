/** What the stores read of the machine; injected, so that nothing depends on the process's own environment. */
export interface CredentialEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly platform: NodeJS.Platform;
  /** On Linux, whose runtime folder to look in when no variable names it. */
  readonly userId?: number | undefined;
}

/** An environment variable's value; on Windows names match in any case. An empty value counts as absent. */
export function variable(environment: CredentialEnvironment, name: string): string | undefined {
  const { variables, platform } = environment;
  if (platform !== 'win32') return variables[name] || undefined;
  const key = Object.keys(variables).find((candidate) => candidate.toUpperCase() === name.toUpperCase());
  return key === undefined ? undefined : variables[key] || undefined;
}
