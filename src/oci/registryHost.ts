const LABEL = '[a-zA-Z0-9_](?:[a-zA-Z0-9_-]*[a-zA-Z0-9_])?';
const HOST = new RegExp(`^(${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:]+\\])(?::(\\d{1,5}))?$`);

/** Why `text` is not a registry host, as the end of a sentence; undefined when it is one. */
export function registryProblem(text: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'a registry is written without https:// or http://';
  const [, name, port] = HOST.exec(text) ?? [];
  if (name === undefined) return `"${text}" is not a host name with an optional port`;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
    return `port ${port} is not between 1 and 65535`;
  }
  return addressProblem(name);
}

/**
 * A request goes where the URL parser says: it refuses some hosts, and takes others, such as `0x7f.1` and `010.0.0.1`, for
 * another address than is written. Spec: WHATWG URL, "Host parsing".
 */
function addressProblem(name: string): string | undefined {
  const address = URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : undefined;
  if (address === undefined) return `"${name}" is neither a host name nor an address`;
  const isSame = address === name.toLowerCase() || name.startsWith('[');
  return isSame ? undefined : `"${name}" stands for the address ${address}: write that if it is meant`;
}
