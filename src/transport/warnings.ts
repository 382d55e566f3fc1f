import type { Send } from './outgoing';

const WARNING = /299\s+(?:-|[^\s",]+)\s+"((?:[^"\\]|\\.)*)"/g;
const MAX_REMEMBERED = 1000;

/** The texts of `Warning: 299 - "text"`, several in one header too. Spec: distribution-spec v1.1.1, "Warnings". */
export function parseWarnings(header: string | null): string[] {
  return [...(header ?? '').matchAll(WARNING)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'));
}

/** Reports each warning of a host once. */
export function withWarnings(next: Send, onWarning: (host: string, text: string) => void): Send {
  const seen = new Set<string>();
  return async (outgoing, wait) => {
    const response = await next(outgoing, wait);
    for (const text of parseWarnings(response.headers.get('warning'))) {
      const key = `${outgoing.endpoint.host} ${text}`;
      if (seen.has(key) || seen.size >= MAX_REMEMBERED) continue;
      seen.add(key);
      onWarning(outgoing.endpoint.host, text);
    }
    return response;
  };
}
