/**
 * The merged token scopes (`type:name:action,action`) with one entry a resource, actions and entries sorted, doubles dropped; what
 * has no colon stays as it is, such as `aws` of ECR Public.
 * Spec: distribution, "Token Scope Documentation"; the name may hold colons.
 */
export function mergeScopes(scopes: readonly string[]): string[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of scopes.filter((text) => text.includes(':'))) {
    const colon = scope.lastIndexOf(':');
    const resource = scope.slice(0, colon);
    const known = actions.get(resource) ?? new Set<string>();
    for (const action of scope.slice(colon + 1).split(',')) if (action) known.add(action);
    actions.set(resource, known);
  }
  const merged = [...actions].map(([resource, known]) => `${resource}:${[...known].sort().join(',')}`);
  const bare = new Set(scopes.filter((text) => !text.includes(':')));
  return [...merged, ...bare].sort();
}

/** The scopes within the `scope` parameter of a challenge. */
export function splitScopes(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter(Boolean);
}
